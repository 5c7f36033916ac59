import { UserError, type ProgressListener } from '@fermata/core';
import type { SequenceModel } from '@fermata/models';
import { assertInteger, assertShape } from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';
import { setImmediate } from 'node:timers/promises';

import type { SequencePiece } from '../splitPieces';
import { planWindows, scoredRange, type Window, type WindowPlan } from './windows';

export interface NllOptions {
  /**
   * Number of unscored positions at the start of each piece: the largest receptive field in the table, so that every
   * row scores the same positions with full context. Rounded up to `multipleOf`.
   */
  readonly skip: number;
  /**
   * Multiples at which the scored positions of each piece begin and end: the largest hop in the table; if left out, the
   * model's hop.
   */
  readonly multipleOf?: number;
  /** Positions to score in one window, in addition to the context; 4,096 if left out. */
  readonly positions?: number;
  /** Windows of equal length to score at once; 1 if left out. */
  readonly batch?: number;
  /** Codes `[length / hop]` of each piece by its id, for the decoder in place of those of its own encoder. */
  readonly codes?: ReadonlyMap<string, ArrayLike<number>>;
  /** Activity to report as progress; `evaluate` if left out. */
  readonly stage?: string;
  /** Called after each batch, with counts in positions. */
  readonly onProgress?: ProgressListener;
  readonly signal?: AbortSignal;
}

/** NLL of some positions. */
export interface Nll {
  /** Mean, in nats per timestep. */
  readonly nll: number;
  /** Sum in nats. */
  readonly sum: number;
  readonly positions: number;
}

export interface NllResult extends Nll {
  /** Pieces with scored positions, in the given order. */
  readonly pieces: readonly (Nll & { readonly id: string })[];
  /** Ids of pieces too short to score. */
  readonly tooShort: readonly string[];
  /** Number of unscored positions at the start of each piece. */
  readonly skip: number;
  readonly multipleOf: number;
}

/**
 * Evaluates the NLL of held-out pieces (tables 1 and 2), in nats per timestep: the sum over all positions divided by
 * their number. It scores every position except the first `skip` of each piece exactly once and with full context, so
 * the result does not depend on the windows. Memory is bounded by `batch` windows.
 *
 * @throws RangeError if `skip` is less than the model's past, if `multipleOf` is not a multiple of its hop, or if codes
 *   are missing
 * @throws UserError if no piece is long enough, or if an NLL is not finite
 * @throws the signal's reason if it is aborted
 */
export async function evaluateNll(
  model: SequenceModel,
  pieces: Iterable<SequencePiece>,
  options: NllOptions,
): Promise<NllResult> {
  const plan = planOf(model, options);
  const { batch = 1, stage = 'evaluate', onProgress, signal, codes } = options;
  assertInteger(batch, 1, 'batch');
  const scored = [...pieces].map((piece) => new PieceScore(piece, plan));
  const total = scored.reduce((sum, { expected }) => sum + expected, 0);
  if (total === 0) throw nothingToScore(plan);
  if (codes !== undefined)
    for (const { piece, expected } of scored) if (expected > 0) assertCodes(codes, piece, plan);

  let done = 0;
  for (const windows of batches(scored, plan, batch)) {
    signal?.throwIfAborted();
    const nll = await scoreWindows(model, windows, codes);
    const length = windows[0].window.length;
    windows.forEach(({ score, window }, row) => {
      score.add(nll.subarray(row * length, (row + 1) * length), window);
      done += window.to - window.from;
    });
    onProgress?.({ stage, done, total, detail: `NLL ${totalOf(scored).nll.toFixed(3)}` });
    await setImmediate(); // lets signals, messages and timers in
  }
  const heard = scored.filter(({ expected }) => expected > 0);
  return {
    ...totalOf(heard),
    pieces: heard.map((score) => ({ id: score.piece.id, ...score.result() })),
    tooShort: scored.filter(({ expected }) => expected === 0).map(({ piece }) => piece.id),
    skip: plan.skip,
    multipleOf: plan.multipleOf,
  };
}

/** Sums NLLs over a piece, in double precision and in the order of time. */
class PieceScore {
  /** Number of positions to score. */
  readonly expected: number;
  private sum = 0;
  private positions = 0;

  constructor(
    readonly piece: SequencePiece,
    plan: WindowPlan,
  ) {
    const { from, to } = scoredRange(piece.length, plan);
    this.expected = Math.max(0, to - from);
  }

  /** Adds a window. @param nll NLLs of the timesteps of the window */
  add(nll: Float32Array, { start, from, to }: Window): void {
    for (let t = from; t < to; t++) {
      const value = nll[t - start];
      if (!Number.isFinite(value)) {
        throw new UserError(
          `The NLL of ${this.piece.id} at timestep ${t} is ${value}: the model has diverged.`,
          'Train it again with a lower learningRate.',
        );
      }
      this.sum += value;
    }
    this.positions += to - from;
  }

  result(): Nll {
    return { nll: this.sum / this.positions, sum: this.sum, positions: this.positions };
  }
}

interface PieceWindow {
  readonly score: PieceScore;
  readonly window: Window;
}

/** Groups the windows of all pieces by length. */
function* batches(
  scores: readonly PieceScore[],
  plan: WindowPlan,
  batch: number,
): Generator<readonly PieceWindow[]> {
  let group: PieceWindow[] = [];
  for (const score of scores) {
    for (const window of planWindows(score.piece.length, plan)) {
      if (group.length === batch || (group.length > 0 && group[0].window.length !== window.length)) {
        yield group;
        group = [];
      }
      group.push({ score, window });
    }
  }
  if (group.length > 0) yield group;
}

/** Scores windows. @returns NLLs `[windows, time]`, flat */
async function scoreWindows(
  model: SequenceModel,
  windows: readonly PieceWindow[],
  codes: NllOptions['codes'],
): Promise<Float32Array> {
  const time = windows[0].window.length;
  const nll = tf.tidy(() => {
    const symbols = stackRows(windows, time, ({ score: { piece }, window }) =>
      piece.read(window.start, time),
    );
    const given =
      codes === undefined
        ? {}
        : {
            codes: stackRows(windows, time / model.hop, ({ score: { piece }, window }) =>
              slice(codes.get(piece.id)!, window.start / model.hop, time / model.hop),
            ),
          };
    const values = model.nll(symbols, given);
    assertShape(values, [windows.length, time], 'nll');
    return values;
  });
  try {
    return await nll.data<'float32'>();
  } finally {
    nll.dispose();
  }
}

function stackRows(
  windows: readonly PieceWindow[],
  length: number,
  row: (window: PieceWindow) => ArrayLike<number>,
): tf.Tensor2D {
  const rows = new Int32Array(windows.length * length);
  windows.forEach((window, index) => {
    rows.set(row(window), index * length);
  });
  return tf.tensor2d(rows, [windows.length, length], 'int32');
}

function slice(sequence: ArrayLike<number>, start: number, length: number): number[] {
  return Array.from({ length }, (_, index) => sequence[start + index]);
}

function assertCodes(
  codes: ReadonlyMap<string, ArrayLike<number>>,
  { id, length }: SequencePiece,
  { hop }: WindowPlan,
): void {
  const found = codes.get(id)?.length ?? 0;
  const needed = Math.floor(length / hop);
  if (found < needed) throw new RangeError(`${id} has ${found} codes, but ${needed} are needed`);
}

function planOf(model: SequenceModel, options: NllOptions): WindowPlan {
  const {
    hop,
    context: { past, future },
  } = model;
  const { skip, multipleOf = hop, positions = 4096 } = options;
  assertInteger(multipleOf, 1, 'multipleOf');
  assertInteger(positions, 1, 'positions');
  if (multipleOf % hop !== 0)
    throw new RangeError(`multipleOf is ${multipleOf}, but must be a multiple of the hop ${hop}`);
  assertInteger(skip, past, 'skip');
  return { hop, past, future, skip: Math.ceil(skip / multipleOf) * multipleOf, multipleOf, positions };
}

function totalOf(scores: readonly PieceScore[]): Nll {
  let sum = 0;
  let positions = 0;
  for (const score of scores) {
    const result = score.result();
    sum += result.sum;
    positions += result.positions;
  }
  return { nll: sum / positions, sum, positions };
}

function nothingToScore({ skip }: WindowPlan): UserError {
  return new UserError(
    `No piece to evaluate on is longer than ${skip} timesteps, the largest receptive field.`,
    'Hold out longer recordings, or choose a scale of smaller receptive fields.',
  );
}
