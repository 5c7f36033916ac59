import type { ProgressListener, RandomKey } from '@fermata/core';
import { weightFormats, type WeightFormat } from '@fermata/kernels';
import { assertInteger } from '@fermata/tensor';
import { setImmediate } from 'node:timers/promises';

import type { WaveNet } from '../waveNet';
import { assertSymbol } from './assertSymbol';
import { createSampler } from './createSampler';
import type { ConditioningBlock } from './symbolSampler';

/** What the symbols are conditioned on, fetched as it is needed, so that hours need no more memory than seconds. */
export interface ConditioningSource {
  /** Symbols per timestep of the conditioning. */
  readonly hop: number;
  /**
   * The conditioning of the codes first … first + count − 1, counted from the first symbol of the prefix.
   *
   * @returns `[streams, count, conditioning]` in row-major order
   */
  read(first: number, count: number): Float32Array | Promise<Float32Array>;
}

export interface SampleOptions {
  /** The randomness of each stream; as many streams are sampled as there are keys. */
  readonly keys: readonly RandomKey[];
  /** Symbols to draw for each stream. */
  readonly steps: number;
  /** Default 1; 0 takes the most probable symbol at each step. */
  readonly temperature?: number;
  /** Draws only among so many of the most probable symbols. Default: all. */
  readonly topK?: number;
  /** Draws only among the fewest most probable symbols that have this share of the probability, in (0, 1]. Default 1. */
  readonly topP?: number;
  /** How the sampler keeps the weights: fewer bits are faster and less exact (docs/performance.md). Default `fp32`. */
  readonly weights?: WeightFormat;
  /** For each stream the symbols to go on from; all of the same length. Default: from nothing, as in training. */
  readonly prefix?: readonly ArrayLike<number>[];
  /** For models that are conditioned, and only for those. */
  readonly conditioning?: ConditioningSource;
  /** Symbols given out at a time by `sampleChunks`. Default 4,096. */
  readonly chunk?: number;
  /** Told the symbols of the prefix and drawn so far. */
  readonly onProgress?: ProgressListener;
  /** Ends sampling early: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

// How long the event loop waits for a turn of the sampler, about, and how many steps of a stream the first turn takes:
// few, for nobody knows yet how long they take.
const turnMilliseconds = 4;
const firstTurn = 16;

/**
 * Draws sequences from a WaveNet, chunk by chunk, in constant memory. The event loop goes on meanwhile.
 *
 * The draw of a stream at a position depends on the stream's key and the position alone: not on the other streams, on
 * chunks, on threads, or on where a prefix ended. A sequence broken off is continued by giving what there is as the
 * prefix.
 *
 * It runs on the compiled kernels where there are any, on their threads, and in TypeScript elsewhere: the same but for
 * rounding.
 *
 * @returns for each chunk and each stream, its symbols; the prefix is not repeated
 * @throws RangeError for options out of range, and when the model gives logits that are not finite
 */
export async function* sampleChunks(model: WaveNet, options: SampleOptions): AsyncGenerator<Int32Array[]> {
  const { keys, steps, temperature = 1, topP = 1, weights = 'fp32' } = options;
  const { prefix, chunk = 4096, onProgress, signal } = options;
  validate(model, options);
  signal?.throwIfAborted();
  const start = prefix?.[0].length ?? 0;
  const end = start + steps;
  // Of a long prefix only the receptive field matters.
  let position = Math.max(0, start - model.receptiveField + 1);
  const previous = Int32Array.from(keys, (_, stream) => (position > 0 ? prefix![stream][position - 1] : -1));
  const { topK = model.config.symbols } = options;
  const hop = options.conditioning?.hop ?? 1;
  const conditioning =
    options.conditioning && new ConditioningReader(model, options.conditioning, keys.length);
  const sampler = await createSampler(model, { keys, hop, weights, temperature, topK, topP });
  try {
    let longestTurn = Math.max(1, Math.floor(firstTurn / keys.length));
    for (let chunkStart = start; chunkStart < end; chunkStart += chunk) {
      const chunkEnd = Math.min(end, chunkStart + chunk);
      const symbols = keys.map(() => new Int32Array(chunkEnd - chunkStart));
      while (position < chunkEnd) {
        onProgress?.({ stage: 'sample', done: position, total: end });
        await setImmediate();
        signal?.throwIfAborted();
        const codes = await conditioning?.at(position, chunkEnd);
        const covered = codes === undefined ? Infinity : (codes.first + codes.count) * hop - position;
        const turn = Math.min(longestTurn, chunkEnd - position, covered);
        const taken = new Int32Array(keys.length * turn);
        const given = Math.min(Math.max(start - position, 0), turn);
        prefix?.forEach((symbolsGiven, stream) => {
          for (let i = 0; i < given; i++) taken[stream * turn + i] = symbolsGiven[position + i];
        });
        const began = performance.now();
        sampler.take({ position, steps: turn, given, symbols: taken, previous, conditioning: codes });
        const stepsInTime = Math.floor((turn * turnMilliseconds) / (performance.now() - began));
        longestTurn = Math.max(1, Math.min(stepsInTime, 2 * longestTurn));
        symbols.forEach((part, stream) => {
          const drawn = taken.subarray(stream * turn + given, (stream + 1) * turn);
          part.set(drawn, Math.max(position, start) - chunkStart);
        });
        position += turn;
      }
      yield symbols;
    }
  } finally {
    sampler.release();
  }
  onProgress?.({ stage: 'sample', done: end, total: end });
}

/**
 * Draws whole sequences from a WaveNet: `sampleChunks` put together.
 *
 * @returns for each stream its `steps` symbols
 */
export async function sample(model: WaveNet, options: SampleOptions): Promise<Int32Array[]> {
  return joinChunks(sampleChunks(model, options), options.keys.length);
}

/**
 * Puts chunks together.
 *
 * @param chunks for each chunk and each stream, its symbols
 * @returns for each stream all of its symbols
 */
export async function joinChunks(
  chunks: AsyncIterable<Int32Array[]>,
  streams: number,
): Promise<Int32Array[]> {
  const collected: Int32Array[][] = [];
  for await (const chunk of chunks) collected.push(chunk);
  return concatChunks(collected, streams);
}

/** `joinChunks` for chunks that are all there. */
export function concatChunks(chunks: readonly (readonly Int32Array[])[], streams: number): Int32Array[] {
  return Array.from({ length: streams }, (_, stream) => {
    const parts = chunks.map((chunk) => chunk[stream]);
    const whole = new Int32Array(parts.reduce((length, part) => length + part.length, 0));
    let done = 0;
    for (const part of parts) {
      whole.set(part, done);
      done += part.length;
    }
    return whole;
  });
}

function validate({ config }: WaveNet, options: SampleOptions): void {
  const { keys, steps, prefix, conditioning, chunk = 4096 } = options;
  const { temperature = 1, topK = config.symbols, topP = 1, weights = 'fp32' } = options;
  assertInteger(keys.length, 1, 'the number of keys');
  assertInteger(steps, 0, 'steps');
  assertInteger(chunk, 1, 'chunk');
  assertInteger(topK, 1, 'topK');
  if (!(temperature >= 0 && temperature < Infinity)) {
    throw new RangeError(`temperature is ${temperature}, but must be a number of at least 0`);
  }
  if (!(topP > 0 && topP <= 1)) {
    throw new RangeError(`topP is ${topP}, but must be a number above 0 and at most 1`);
  }
  if (!weightFormats.includes(weights)) {
    throw new RangeError(`weights is ${weights as string}, but must be one of ${weightFormats.join(', ')}`);
  }
  if (prefix !== undefined) validatePrefix(prefix, keys.length, config.symbols);
  if (conditioning !== undefined) assertInteger(conditioning.hop, 1, 'hop');
  if ((conditioning !== undefined) !== (config.conditioning !== undefined)) {
    const [given, wanted] = conditioning === undefined ? ['missing', 'needs it'] : ['given', 'takes none'];
    throw new RangeError(`conditioning is ${given}, but the model ${wanted}`);
  }
}

function validatePrefix(prefix: readonly ArrayLike<number>[], streams: number, symbols: number): void {
  const lengths = prefix.map(({ length }) => length);
  if (lengths.length !== streams || lengths.some((length) => length !== lengths[0])) {
    throw new RangeError(`prefixes of lengths [${lengths.join(', ')}] do not suit ${streams} streams`);
  }
  prefix.forEach((given, stream) => {
    for (let i = 0; i < given.length; i++) assertSymbol(given[i], symbols, stream);
  });
}

/** Reads the conditioning as it is needed, some codes at a time. */
class ConditioningReader {
  private block: ConditioningBlock = { first: 0, count: 0, values: new Float32Array(0) };

  constructor(
    private readonly model: WaveNet,
    private readonly source: ConditioningSource,
    private readonly streams: number,
  ) {}

  /**
   * The conditioning of the code of a position and of some after it, none of them behind `end`: codes may be drawn no
   * earlier than the chunk that needs them. Positions only grow.
   */
  async at(position: number, end: number): Promise<ConditioningBlock> {
    const { hop } = this.source;
    const code = Math.floor(position / hop);
    if (code >= this.block.first + this.block.count) {
      const count = Math.min(codesPerRead, Math.ceil(end / hop) - code);
      const values = await this.source.read(code, count);
      const channels = this.model.config.conditioning!;
      if (values.length !== this.streams * count * channels) {
        throw new RangeError(
          `conditioning has ${values.length} values, not ${this.streams} · ${count} · ${channels}`,
        );
      }
      this.block = { first: code, count, values };
    }
    return this.block;
  }
}

// Codes read at a time.
const codesPerRead = 256;
