import { assertSymbols, type SymbolArray, type SymbolSource } from '@fermata/models';
import type { ConditioningSource } from '@fermata/wavenet';
import * as tf from '@tensorflow/tfjs';

import type { DiscreteAutoencoder } from './discreteAutoencoder';
import { encoderMargins } from './encodeSequence';

/**
 * Computes the conditioning of codes on demand, in windows with margins as wide as the modulator's field, so that it
 * equals the conditioning of all codes at once. It reads no code before the modulator needs it.
 *
 * @param codes y, each 0 … k − 1
 * @returns a source whose `read` throws a RangeError for an invalid code
 */
export function conditioningSource(model: DiscreteAutoencoder, codes: SymbolSource): ConditioningSource {
  const { past, future } = model.modulator.receptiveField;
  return {
    hop: model.hop,
    async read(first, count) {
      const start = Math.max(0, first - past);
      const windows = await codes.read(start, first + count + future - start);
      windows.forEach((window) => {
        assertSymbols(window, model.codebookSize ?? 0, 'codes', start);
      });
      return slice(() => model.conditioning(batchOf(windows)), first - start, count);
    },
  };
}

/**
 * Computes the conditioning of sequences through the bottleneck on demand, like that of codes.
 *
 * @param sequences x, `[streams]` arrays of equal length, each 0 … symbols − 1
 */
export function sequenceConditioning(
  model: DiscreteAutoencoder,
  sequences: readonly SymbolArray[],
): ConditioningSource {
  const { hop } = model;
  const { past, future } = model.modulator.receptiveField;
  const { before, after } = encoderMargins(model);
  const total = Math.floor(sequences[0].length / hop);
  return {
    hop,
    async read(first, count) {
      const start = Math.max(0, first - past - before);
      const end = Math.min(total, first + count + future + after);
      const windows = sequences.map((sequence) => sequence.subarray(start * hop, end * hop));
      return slice(() => model.encodedConditioning(batchOf(windows)), first - start, count);
    },
  };
}

/** Converts `[streams]` arrays to `[streams, time]`. */
function batchOf(sequences: readonly SymbolArray[]): tf.Tensor2D {
  const time = sequences[0].length;
  const symbols = new Int32Array(sequences.length * time);
  sequences.forEach((sequence, stream) => {
    symbols.set(sequence, stream * time);
  });
  return tf.tensor2d(symbols, [sequences.length, time], 'int32');
}

/** Values of `count` timesteps of `[streams, time, channels]`. */
async function slice(compute: () => tf.Tensor3D, first: number, count: number): Promise<Float32Array> {
  const part = tf.tidy(() => tf.slice(compute(), [0, first, 0], [-1, count, -1]));
  const values = await part.data<'float32'>();
  part.dispose();
  return values;
}
