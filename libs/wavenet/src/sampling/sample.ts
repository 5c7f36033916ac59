import { weightFormats } from '@fermata/kernels';
import { joinChunks, type StreamOptions } from '@fermata/models';
import { assertInteger } from '@fermata/tensor';
import { setImmediate } from 'node:timers/promises';

import type { WaveNet } from '../waveNet';
import { assertSymbol } from './assertSymbol';
import { createSampler } from './createSampler';
import type { ConditioningBlock } from './symbolSampler';

/** A source of conditioning, read on demand, so that hours need no more memory than seconds. */
export interface ConditioningSource {
  /** Symbols per timestep of the conditioning. */
  readonly hop: number;
  /**
   * Reads the conditioning of the codes first … first + count − 1, counted from the first symbol of the prefix.
   *
   * @returns `[streams, count, conditioning]` in row-major order
   */
  read(first: number, count: number): Float32Array | Promise<Float32Array>;
}

/** Options for sampling a WaveNet. */
export interface SampleOptions extends StreamOptions {
  /** Symbols to draw for each stream. */
  readonly steps: number;
  /** Conditioning, for conditioned models only. */
  readonly conditioning?: ConditioningSource;
}

// Approximate time between turns of the event loop. The first turn is short, because the time per step is not yet
// known.
const turnMilliseconds = 4;
const firstTurn = 16;

/**
 * Draws sequences from a WaveNet, chunk by chunk, in constant memory, and gives the event loop its turns.
 *
 * The draw of a stream at a position depends only on the stream's key and the position: not on the other streams, the
 * chunks, the threads, or the end of a prefix. To continue an interrupted sequence, pass its symbols so far as the
 * prefix.
 *
 * It runs on the compiled kernels and their threads if available, else in TypeScript, with equal results up to
 * rounding.
 *
 * @returns for each chunk and each stream, its symbols; the prefix is not repeated
 * @throws RangeError for options out of range, and if the model's logits are not finite
 */
export async function* sampleChunks(model: WaveNet, options: SampleOptions): AsyncGenerator<Int32Array[]> {
  const { keys, steps, temperature = 1, topP = 1, weights = 'fp32' } = options;
  const { prefix, chunk = 4096, onProgress, signal } = options;
  validate(model, options);
  signal?.throwIfAborted();
  const start = prefix?.[0].length ?? 0;
  const end = start + steps;
  // Only the receptive field of a long prefix matters.
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
 * Draws whole sequences from a WaveNet: `sampleChunks`, joined.
 *
 * @returns the `steps` symbols of each stream
 */
export async function sample(model: WaveNet, options: SampleOptions): Promise<Int32Array[]> {
  return joinChunks(sampleChunks(model, options), options.keys.length);
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

/** Reads the conditioning on demand, some codes at a time. */
class ConditioningReader {
  private block: ConditioningBlock = { first: 0, count: 0, values: new Float32Array(0) };

  constructor(
    private readonly model: WaveNet,
    private readonly source: ConditioningSource,
    private readonly streams: number,
  ) {}

  /**
   * Reads the conditioning of the code at a position and of some later codes before `end`: codes may be drawn no
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

// Number of codes read at a time.
const codesPerRead = 256;
