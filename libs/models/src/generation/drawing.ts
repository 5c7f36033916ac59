import type { ProgressListener, RandomKey } from '@fermata/core';
import type { WeightFormat } from '@fermata/kernels';

/** Symbols in the plain arrays of datasets. */
export type SymbolArray = Uint8Array | Uint16Array | Int32Array;

/** Settings for drawing a symbol. */
export interface DrawSettings {
  /** Temperature, 1 by default; 0 takes the most probable symbol at each step. */
  readonly temperature?: number;
  /** Number of most probable symbols to draw among. Default: all. */
  readonly topK?: number;
  /** Share of the probability, in (0, 1], 1 by default: draws among the fewest most probable symbols that have it. */
  readonly topP?: number;
  /** Format of the sampler's weights: fewer bits are faster and less exact (docs/performance.md). Default `fp32`. */
  readonly weights?: WeightFormat;
}

/** Options for drawing several sequences at once, chunk by chunk. */
export interface StreamOptions extends DrawSettings {
  /** Randomness: one key for each stream. */
  readonly keys: readonly RandomKey[];
  /** Symbols to continue from, of the same length for each stream. Default: none, as in training. */
  readonly prefix?: readonly ArrayLike<number>[];
  /** Symbols per stream in a chunk. Default 4,096. */
  readonly chunk?: number;
  /** Called with the number of symbols so far, including the prefix. */
  readonly onProgress?: ProgressListener;
  /** Ends the drawing early: the generator throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Options for drawing one whole sequence. */
export interface DrawOptions extends DrawSettings, Pick<StreamOptions, 'onProgress' | 'signal'> {
  readonly key: RandomKey;
}

/** Options for encoding a sequence of any length. */
export interface EncodeOptions {
  /** Timesteps to encode at once, without margins; memory grows with it. */
  readonly windowLength?: number;
  readonly onProgress?: ProgressListener;
  readonly signal?: AbortSignal;
}

/**
 * Joins chunks.
 *
 * @param chunks `[streams]` arrays for each chunk
 * @returns the whole sequence of each stream
 */
export async function joinChunks(
  chunks: AsyncIterable<readonly Int32Array[]>,
  streams: number,
): Promise<Int32Array[]> {
  const collected: (readonly Int32Array[])[] = [];
  for await (const chunk of chunks) collected.push(chunk);
  return concatChunks(collected, streams);
}

/** Joins chunks that are already in memory: see {@link joinChunks}. */
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
