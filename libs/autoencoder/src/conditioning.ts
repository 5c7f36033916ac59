import { assertSymbols, type SymbolSource } from '@fermata/models';
import type { ConditioningSource } from '@fermata/wavenet';
import * as tf from '@tensorflow/tfjs';

import { batchOf } from './batch';
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
 * Computes the conditioning of sequences through the bottleneck on demand, like that of codes. It reads no symbol before
 * the encoder needs it.
 *
 * @param symbols x, each 0 … symbols − 1
 */
export function sequenceConditioning(model: DiscreteAutoencoder, symbols: SymbolSource): ConditioningSource {
  const { hop } = model;
  const { past, future } = model.modulator.receptiveField;
  const { before, after } = encoderMargins(model);
  return {
    hop,
    async read(first, count) {
      const start = Math.max(0, first - past - before);
      const read = await symbols.read(start * hop, (first + count + future + after - start) * hop);
      const whole = Math.floor(read[0].length / hop) * hop;
      const windows = read.map((sequence) => sequence.subarray(0, whole));
      return slice(() => model.encodedConditioning(batchOf(windows)), first - start, count);
    },
  };
}

/** Values of `count` timesteps of `[streams, time, channels]`. */
async function slice(compute: () => tf.Tensor3D, first: number, count: number): Promise<Float32Array> {
  const part = tf.tidy(() => tf.slice(compute(), [0, first, 0], [-1, count, -1]));
  const values = await part.data<'float32'>();
  part.dispose();
  return values;
}
