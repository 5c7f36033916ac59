import { wholeSource, type EncodeOptions, type SymbolArray, type SymbolSource } from '@fermata/models';
import * as tf from '@tensorflow/tfjs';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { batchOf } from './batch';
import type { DiscreteAutoencoder } from './discreteAutoencoder';

type EncodingModel = Pick<DiscreteAutoencoder, 'hop' | 'encoder' | 'encode'>;

/**
 * Encodes sequences of any length in windows, read on demand with margins as wide as the encoder's field, so that the
 * codes equal those of the whole sequences at once. Memory does not grow with the length. It drops a tail shorter than
 * the hop.
 *
 * @returns for each window `[streams]` arrays of codes, until the sequences end
 * @throws the signal's reason if it is aborted
 */
export async function* encodeChunks(
  model: EncodingModel,
  symbols: SymbolSource,
  { windowLength = 32768, signal }: Omit<EncodeOptions, 'onProgress'> = {},
): AsyncGenerator<Int32Array[]> {
  const { hop } = model;
  const { before, after } = encoderMargins(model);
  const window = Math.max(1, Math.floor(windowLength / hop));
  for (let first = 0; ; first += window) {
    signal?.throwIfAborted();
    const start = Math.max(0, first - before);
    const read = await symbols.read(start * hop, (first + window + after - start) * hop);
    const hops = Math.floor(read[0].length / hop);
    const count = Math.min(window, start + hops - first);
    if (count <= 0) return;
    const encoded = tf.tidy(() =>
      model.encode(batchOf(read.map((stream) => stream.subarray(0, hops * hop)))),
    );
    const values = (await encoded.data()) as Int32Array;
    encoded.dispose();
    yield read.map((_, stream) => values.slice(stream * hops + first - start).subarray(0, count));
    await nextTurn(); // lets interrupts in
  }
}

/**
 * Encodes a whole sequence: `encodeChunks` of one stream, joined.
 *
 * @returns ⌊length / hop⌋ codes
 * @throws the signal's reason if it is aborted
 */
export async function encodeSequence(
  model: EncodingModel,
  sequence: SymbolArray,
  { onProgress, ...options }: EncodeOptions = {},
): Promise<Int32Array> {
  const { hop } = model;
  const codes = new Int32Array(Math.floor(sequence.length / hop));
  let done = 0;
  for await (const [chunk] of encodeChunks(model, wholeSource([sequence]), options)) {
    codes.set(chunk, done);
    done += chunk.length;
    onProgress?.({ stage: 'encode', done: done * hop, total: codes.length * hop });
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
