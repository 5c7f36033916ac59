import type { SymbolArray } from '@fermata/models';
import * as tf from '@tensorflow/tfjs';

/** Converts `[streams]` arrays of equal length to int32 `[streams, time]`. */
export function batchOf(sequences: readonly SymbolArray[]): tf.Tensor2D {
  const time = sequences[0].length;
  const symbols = new Int32Array(sequences.length * time);
  sequences.forEach((sequence, stream) => {
    symbols.set(sequence, stream * time);
  });
  return tf.tensor2d(symbols, [sequences.length, time], 'int32');
}
