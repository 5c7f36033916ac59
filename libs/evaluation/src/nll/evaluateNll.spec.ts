import { fold, randomKey, RandomStream, UserError } from '@fermata/core';
import type { SequenceModel } from '@fermata/models';
import { selectBackend } from '@fermata/tensor';
import { expectClose, expectNoLeak } from '@fermata/testing';
import { WaveNet } from '@fermata/wavenet';
import * as tf from '@tensorflow/tfjs';

import { shuffleCodes } from '../codes/shuffleCodes';
import type { SequencePiece } from '../splitPieces';
import { evaluateNll, type NllOptions } from './evaluateNll';

const symbols = 16;
const pieces = [37, 150, 9, 151, 64].map((length, index) => piece(`piece ${index}`, length));

beforeAll(() => selectBackend('cpu'));

function piece(id: string, length: number): SequencePiece & { all: Int32Array } {
  const stream = new RandomStream(fold(randomKey('pieces'), id));
  const all = Int32Array.from({ length }, () => stream.integer(symbols));
  return { id, length, all, read: (start, count) => all.slice(start, start + count) };
}

/** A model whose NLL is a known function of the neighbourhood of each position, pooled over `hop` timesteps. */
class Neighbourhood implements SequenceModel {
  readonly given: { time: number; batch: number }[] = [];

  constructor(
    readonly context: { past: number; future: number },
    readonly hop = 1,
  ) {}

  nll(batch: tf.Tensor2D, { codes }: { codes?: tf.Tensor2D } = {}): tf.Tensor2D {
    const [rows, time] = batch.shape;
    this.given.push({ time, batch: rows });
    const values = batch.arraySync();
    const listened = codes?.arraySync();
    return tf.tensor2d(
      values.map((row, index) => row.map((_, t) => this.score(row, t, listened?.[index]))),
      [rows, time],
    );
  }

  // The past as far as `past`; the sums of the blocks of `hop` within the context; the code.
  score(row: ArrayLike<number>, t: number, codes?: ArrayLike<number>): number {
    const { past, future } = this.context;
    let sum = 0;
    for (let s = Math.max(0, t - past); s < t; s++) sum += row[s] * ((t - s) % 7);
    for (let block = 0; (block + 1) * this.hop <= row.length; block++) {
      const first = block * this.hop;
      const last = first + this.hop - 1;
      if (first < t - past || last > t + future) continue;
      for (let s = first; s <= last; s++) sum += row[s] * 0.125;
    }
    return sum + (codes === undefined ? 0 : 100 * codes[Math.floor(t / this.hop)]);
  }
}

// By hand: the whole of each piece at once.
function wholePieces(
  model: Neighbourhood,
  skip: number,
  multipleOf: number,
): { sum: number; positions: number } {
  let sum = 0;
  let positions = 0;
  for (const { all, length } of pieces) {
    const row = all.subarray(0, length - (length % model.hop));
    for (let t = skip; t < length - (length % multipleOf); t++) {
      sum += model.score(row, t);
      positions++;
    }
  }
  return { sum, positions };
}

describe('evaluateNll', () => {
  it.each<[string, Neighbourhood, NllOptions]>([
    ['no context', new Neighbourhood({ past: 0, future: 0 }), { skip: 0 }],
    ['causal', new Neighbourhood({ past: 12, future: 0 }), { skip: 20 }],
    ['a future', new Neighbourhood({ past: 5, future: 9 }), { skip: 5 }],
    ['an autoencoder', new Neighbourhood({ past: 13, future: 14 }, 4), { skip: 24, multipleOf: 8 }],
  ])('is that of whole pieces, for any windows: %s', async (_, model, options) => {
    const expected = wholePieces(model, options.skip, options.multipleOf ?? model.hop);
    for (const positions of [1, 7, 30, 1000]) {
      for (const batch of [1, 3]) {
        const result = await expectNoLeak(() => evaluateNll(model, pieces, { ...options, positions, batch }));
        // Sums of eighths are exact.
        expect(result.sum).toBe(expected.sum);
        expect(result.positions).toBe(expected.positions);
        expect(result.nll).toBe(expected.sum / expected.positions);
      }
    }
  });

  it('scores each piece, and lists those that are too short', async () => {
    const model = new Neighbourhood({ past: 4, future: 0 });
    const result = await evaluateNll(model, pieces, { skip: 40 });
    expect(result.tooShort).toEqual(['piece 0', 'piece 2']);
    expect(result.pieces.map(({ id, positions }) => [id, positions])).toEqual([
      ['piece 1', 110],
      ['piece 3', 111],
      ['piece 4', 24],
    ]);
    const alone = await evaluateNll(model, [pieces[3]], { skip: 40 });
    expect(result.pieces[1]).toEqual({ id: 'piece 3', nll: alone.nll, sum: alone.sum, positions: 111 });
    expect(result).toMatchObject({ skip: 40, multipleOf: 1 });
  });

  it('scores every row of a table on the same positions', async () => {
    const scored = async (model: Neighbourhood) => {
      const { pieces: of, skip } = await evaluateNll(model, pieces, { skip: 30, multipleOf: 8 });
      return { skip, pieces: of.map(({ id, positions }) => [id, positions]) };
    };
    const plain = await scored(new Neighbourhood({ past: 30, future: 0 }));
    expect(plain.skip).toBe(32);
    expect(await scored(new Neighbourhood({ past: 10, future: 20 }, 8))).toEqual(plain);
    expect(await scored(new Neighbourhood({ past: 3, future: 2 }, 2))).toEqual(plain);
  });

  it('gives the model windows of few lengths, batch by batch', async () => {
    const model = new Neighbourhood({ past: 10, future: 0 });
    await evaluateNll(model, pieces, { skip: 10, positions: 20, batch: 8 });
    expect(new Set(model.given.map(({ time }) => time))).toEqual(new Set([30]));
    expect(model.given.map(({ batch }) => batch)).toEqual([8, 8, 4]);
  });

  it('is that of a WaveNet over the whole piece', async () => {
    const net = new WaveNet(
      {
        symbols,
        input: 'one-hot',
        dilations: [1, 2, 4],
        width: 2,
        channels: 4,
        gate: 4,
        skip: 4,
        head: 4,
      },
      randomKey('net'),
    );
    const skip = net.receptiveField + 3;
    const whole = tf.tidy(() => net.nll(tf.tensor2d(pieces[1].all, [1, 150], 'int32')).dataSync<'float32'>());
    const expected = whole.slice(skip).reduce((sum, value) => sum + value, 0) / (150 - skip);
    const result = await evaluateNll(net, [pieces[1]], { skip, positions: 11, batch: 2 });
    expectClose(result.nll, expected, 1e-6);
    // Not by chance: a context too short by one changes the result.
    const short = {
      hop: 1,
      context: { past: net.receptiveField - 1, future: 0 },
      nll: (symbols: tf.Tensor2D) => net.nll(symbols),
    };
    const { nll } = await evaluateNll(short, [pieces[1]], { skip, positions: 1 });
    expect(Math.abs(nll - expected)).toBeGreaterThan(1e-5);
    net.dispose();
  });

  it('scores with given codes, in order or shuffled', async () => {
    const model = new Neighbourhood({ past: 7, future: 5 }, 4);
    const coded = pieces.filter(({ length }) => length > 100);
    const codes = new Map(
      coded.map(({ id, length }) => [id, Int32Array.from({ length: length >> 2 }, (_, i) => i)]),
    );
    const options = { skip: 8, positions: 17, batch: 2 };
    const without = await evaluateNll(model, coded, options);
    const heard = async (of: ReadonlyMap<string, Int32Array>) =>
      (await evaluateNll(model, coded, { ...options, codes: of })).sum - without.sum;
    const expected = (of: ReadonlyMap<string, Int32Array>) =>
      [...of.values()].reduce((sum, all) => all.slice(2).reduce((total, code) => total + 400 * code, sum), 0);
    expect(await heard(codes)).toBe(expected(codes));
    const shuffled = shuffleCodes(codes, randomKey(1));
    expect(await heard(shuffled)).toBe(expected(shuffled));
    expect(expected(shuffled)).not.toBe(expected(codes));
    await expect(evaluateNll(model, pieces, { ...options, codes })).rejects.toThrow(
      new RangeError('piece 0 has 0 codes, but 9 are needed'),
    );
  });

  it('reports progress and stops on abort', async () => {
    const model = new Neighbourhood({ past: 0, future: 0 });
    const controller = new AbortController();
    const heard: string[] = [];
    const options: NllOptions = {
      skip: 0,
      positions: 100,
      stage: 'evaluate #1.1',
      onProgress: ({ stage, done, total, detail }) => {
        heard.push(`${stage} ${done}/${total} ${detail?.replace(/[\d.]+/, '#')}`);
      },
    };
    await evaluateNll(model, pieces.slice(1, 3), options);
    expect(heard).toEqual(['100', '150', '159'].map((done) => `evaluate #1.1 ${done}/159 NLL #`));
    await expect(
      expectNoLeak(() =>
        evaluateNll(model, pieces, {
          ...options,
          onProgress: () => {
            controller.abort();
          },
          signal: controller.signal,
        }),
      ),
    ).rejects.toThrow('This operation was aborted');
  });

  it('refuses invalid options', async () => {
    const model = new Neighbourhood({ past: 8, future: 0 }, 4);
    const evaluate = (options: NllOptions) => evaluateNll(model, pieces, options);
    await expect(evaluate({ skip: 7 })).rejects.toThrow('skip is 7, but must be an integer of at least 8');
    await expect(evaluate({ skip: 8, multipleOf: 6 })).rejects.toThrow(
      'multipleOf is 6, but must be a multiple of the hop 4',
    );
    await expect(evaluate({ skip: 149 })).rejects.toThrow(UserError);
    await expect(evaluate({ skip: 149 })).rejects.toThrow('longer than 152 timesteps');
    const { hop, context } = model;
    const diverged: SequenceModel = { hop, context, nll: (batch) => tf.fill(batch.shape, NaN) };
    await expect(expectNoLeak(() => evaluateNll(diverged, pieces, { skip: 8 }))).rejects.toThrow(
      'The NLL of piece 0 at timestep 8 is NaN: the model has diverged. Train it again with a lower learningRate.',
    );
  });
});
