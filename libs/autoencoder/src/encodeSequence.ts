import type { EncodeOptions, SymbolArray } from '@fermata/models';
import * as tf from '@tensorflow/tfjs';
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { DiscreteAutoencoder } from './discreteAutoencoder';

/**
 * Encodes a sequence of any length in windows, with margins as wide as the encoder's field, so that the codes equal
 * those of the whole sequence at once. It drops a tail shorter than the hop.
 *
 * @returns ⌊length / hop⌋ codes
 * @throws the signal's reason if it is aborted
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
    await nextTurn(); // lets interrupts in
  }
  return codes;
}

/** Number of hops before and after its own that a query depends on. */
export function encoderMargins({ hop, encoder }: Pick<DiscreteAutoencoder, 'hop' | 'encoder'>): {
  before: number;
  after: number;
} {
  const { past, future } = encoder.receptiveField;
  return { before: Math.ceil(past / hop), after: Math.ceil((future - hop + 1) / hop) };
}
