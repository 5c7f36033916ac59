import type { ProgressListener } from '@fermata/core';
import * as tf from '@tensorflow/tfjs';
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { DiscreteAutoencoder } from './discreteAutoencoder';

/** Symbols in the plain arrays that shards hold them in. */
export type SymbolArray = Uint8Array | Uint16Array | Int32Array;

export interface EncodeOptions {
  /** Timesteps encoded at once, margins not counted: what memory is needed for. */
  readonly windowLength?: number;
  readonly onProgress?: ProgressListener;
  readonly signal?: AbortSignal;
}

/**
 * Encodes a sequence of any length by windows, each with margins as wide as the encoder sees, so that the codes are
 * those of the whole at once. A tail shorter than the hop has no code: it is dropped.
 *
 * @returns ⌊length / hop⌋ codes
 * @throws what the signal was aborted with
 */
export async function encodeSequence(
  model: Pick<DiscreteAutoencoder, 'hop' | 'encoder' | 'encode'>,
  sequence: SymbolArray,
  { windowLength = 32768, onProgress, signal }: EncodeOptions = {},
): Promise<Int32Array> {
  const { hop } = model;
  const { before, after } = encoderMargins(model);
  const total = Math.floor(sequence.length / hop);
  const codes = new Int32Array(total);
  const window = Math.max(1, Math.floor(windowLength / hop));
  for (let first = 0; first < total; first += window) {
    signal?.throwIfAborted();
    const end = Math.min(first + window, total);
    const start = Math.max(0, first - before);
    const symbols = sequence.subarray(start * hop, Math.min(total, end + after) * hop);
    const encoded = tf.tidy(() =>
      model.encode(tf.tensor2d(Int32Array.from(symbols), [1, symbols.length], 'int32')),
    );
    const values = (await encoded.data()) as Int32Array;
    encoded.dispose();
    codes.set(values.subarray(first - start, end - start), first);
    onProgress?.({ stage: 'encode', done: end * hop, total: total * hop });
    await nextTurn(); // an interrupt gets its turn
  }
  return codes;
}

/** How many hops before and after its own a query depends on. */
export function encoderMargins({ hop, encoder }: Pick<DiscreteAutoencoder, 'hop' | 'encoder'>): {
  before: number;
  after: number;
} {
  const { past, future } = encoder.receptiveField;
  return { before: Math.ceil(past / hop), after: Math.ceil((future - hop + 1) / hop) };
}
