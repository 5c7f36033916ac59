import { fold, RandomStream, type ProgressListener, type RandomKey } from '@fermata/core';
import { assertInteger } from '@fermata/tensor';
import { setImmediate } from 'node:timers/promises';

import type { WaveNet } from '../waveNet';
import { drawSymbol } from './drawSymbol';
import { IncrementalWaveNet } from './incrementalWaveNet';

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

/**
 * Draws sequences from a WaveNet, chunk by chunk, in constant memory. The event loop goes on meanwhile.
 *
 * The draw of a stream at a position depends on the stream's key and the position alone: not on the other streams, on
 * chunks, or on where a prefix ended. A sequence broken off is continued by giving what there is as the prefix.
 *
 * @returns for each chunk and each stream, its symbols; the prefix is not repeated
 * @throws RangeError for options out of range, and when the model gives logits that are not finite
 */
export async function* sampleChunks(model: WaveNet, options: SampleOptions): AsyncGenerator<Int32Array[]> {
  const { keys, steps, temperature = 1, prefix, conditioning, chunk = 4096, onProgress, signal } = options;
  validate(model, options);
  signal?.throwIfAborted();
  const network = await IncrementalWaveNet.create(model, keys.length);
  const start = prefix?.[0].length ?? 0;
  const end = start + steps;
  const advance = conditioning && conditioner(network, conditioning, end);
  const stepsPerTurn = Math.max(1, Math.floor(32 / keys.length));
  const previous = new Int32Array(keys.length);
  let symbols: Int32Array[] = [];
  // Of a long prefix only the receptive field matters.
  const first = Math.max(0, start - network.receptiveField + 1);
  for (let position = first; position < end; position++) {
    if (position % stepsPerTurn === 0) {
      onProgress?.({ stage: 'sample', done: position, total: end });
      await setImmediate();
      signal?.throwIfAborted();
    }
    await advance?.(position);
    if (position > 0 && position <= start)
      prefix!.forEach((given, stream) => (previous[stream] = given[position - 1]));
    network.step(position === 0 ? undefined : previous);
    if (position < start) continue;
    const offset = (position - start) % chunk;
    if (offset === 0) {
      symbols = keys.map(() => new Int32Array(Math.min(chunk, end - position)));
    }
    keys.forEach((key, stream) => {
      const uniform = new RandomStream(fold(key, position)).uniform();
      previous[stream] = drawSymbol(network.logits(stream), temperature, uniform);
      symbols[stream][offset] = previous[stream];
    });
    if (offset === symbols[0].length - 1) yield symbols;
  }
  onProgress?.({ stage: 'sample', done: end, total: end });
}

/**
 * Draws whole sequences from a WaveNet: `sampleChunks` put together.
 *
 * @returns for each stream its `steps` symbols
 */
export async function sample(model: WaveNet, options: SampleOptions): Promise<Int32Array[]> {
  const whole = options.keys.map(() => new Int32Array(options.steps));
  let done = 0;
  for await (const symbols of sampleChunks(model, options)) {
    symbols.forEach((part, stream) => {
      whole[stream].set(part, done);
    });
    done += symbols[0].length;
  }
  return whole;
}

function validate(model: WaveNet, options: SampleOptions): void {
  const { keys, steps, temperature = 1, prefix, conditioning, chunk = 4096 } = options;
  assertInteger(keys.length, 1, 'the number of keys');
  assertInteger(steps, 0, 'steps');
  assertInteger(chunk, 1, 'chunk');
  if (!(temperature >= 0 && temperature < Infinity)) {
    throw new RangeError(`temperature is ${temperature}, but must be a number of at least 0`);
  }
  if (prefix !== undefined) {
    const lengths = prefix.map(({ length }) => length);
    if (lengths.length !== keys.length || lengths.some((length) => length !== lengths[0])) {
      throw new RangeError(`prefixes of lengths [${lengths.join(', ')}] do not suit ${keys.length} streams`);
    }
  }
  if (conditioning !== undefined) assertInteger(conditioning.hop, 1, 'hop');
  if ((conditioning !== undefined) !== (model.config.conditioning !== undefined)) {
    const [given, wanted] = conditioning === undefined ? ['missing', 'needs it'] : ['given', 'takes none'];
    throw new RangeError(`conditioning is ${given}, but the model ${wanted}`);
  }
}

// Codes read at a time.
const codesPerRead = 256;

/** Returns a function that sets the conditioning of all streams where a position begins a code. */
function conditioner(
  network: IncrementalWaveNet,
  { hop, read }: ConditioningSource,
  end: number,
): (position: number) => Promise<void> {
  const channels = network.config.conditioning!;
  const codes = Math.ceil(end / hop);
  let first = 0;
  let count = 0;
  let values = new Float32Array(0);
  let current = -1;
  return async (position) => {
    const code = Math.floor(position / hop);
    if (code === current) return;
    current = code;
    if (code >= first + count) {
      first = code;
      count = Math.min(codesPerRead, codes - code);
      values = await read(first, count);
      if (values.length !== network.streams * count * channels) {
        throw new RangeError(
          `conditioning has ${values.length} values, not ${network.streams} · ${count} · ${channels}`,
        );
      }
    }
    for (let stream = 0; stream < network.streams; stream++) {
      const start = (stream * count + code - first) * channels;
      network.setConditioning(stream, values.subarray(start, start + channels));
    }
  };
}
