import * as tf from '@tensorflow/tfjs';

import { customGradient } from '../customGradient';
import { native, tensorOf } from '../native/nativeBackend';
import { assertInteger } from '../shape';
import { embeddingBag, type Bags } from './embeddingBag';

/**
 * Causal convolution of one-hot vectors over the r symbols before each position (section 4.2). Each tap is divided by
 * its distance:
 *
 *   y[t] = Σ_{d=1…min(r, t)} kernel[r − d, x[t − d]] / d,  t = from … time − 1
 *
 * It makes neither the one-hot vectors nor their products. Taps before the first symbol add nothing.
 *
 * @param symbols x, int32 `[batch, time]`, each 0 … symbols − 1
 * @param kernel `[r, symbols, channels]`
 * @param from first position of the output
 * @returns `[batch, time − from, channels]`
 * @throws RangeError if a symbol is outside the alphabet
 */
export function oneHotConvolution(symbols: tf.Tensor2D, kernel: tf.Tensor3D, from: number): tf.Tensor3D {
  assertInteger(from, 0, 'from');
  const [batch, time] = symbols.shape;
  const [receptiveField, alphabet, channels] = kernel.shape;
  const assertSymbols = (values: Int32Array): void => {
    const stranger = values.find((symbol) => symbol < 0 || symbol >= alphabet);
    if (stranger !== undefined) throw new RangeError(`symbol ${stranger} is not in 0 … ${alphabet - 1}`);
  };
  const fused = native();
  if (fused === undefined) {
    const values = symbols.dataSync<'int32'>();
    assertSymbols(values);
    return tf.tidy(() => {
      const shares = Float32Array.from({ length: receptiveField }, (_, tap) => 1 / (receptiveField - tap));
      const scaled = tf.mul(kernel, tf.tensor3d(shares, [receptiveField, 1, 1]));
      const table = tf.reshape<tf.Rank.R2>(scaled, [receptiveField * alphabet, channels]);
      const sums = embeddingBag(table, pastOf(values, batch, { receptiveField, alphabet, from }));
      return tf.reshape(sums, [batch, time - from, channels]);
    });
  }
  const { kernels, floats, integers, take } = fused;
  const shape = { batch, time, from, receptiveField, symbols: alphabet, channels };
  return customGradient<tf.Tensor3D>(
    [kernel],
    () => {
      const result = take(batch * (time - from) * channels);
      try {
        kernels.oneHotConvolution(shape, integers(symbols), floats(kernel), result);
      } catch (error) {
        assertSymbols(integers(symbols)); // The kernel has already checked the symbols, faster.
        throw error;
      }
      return { value: tensorOf(result, [batch, time - from, channels]), keep: [symbols] };
    },
    (dy, [kept]) => {
      const gradient = take(kernel.size);
      kernels.oneHotConvolutionBackward(shape, integers(kept), floats(dy), gradient);
      return [tensorOf(gradient, kernel.shape)];
    },
  );
}

/** Rows of the table `[r · symbols, channels]` that each position from `from` on looks up. */
function pastOf(
  values: Int32Array,
  batch: number,
  { receptiveField, alphabet, from }: { receptiveField: number; alphabet: number; from: number },
): Bags {
  const time = values.length / batch;
  let entries = 0;
  for (let t = from; t < time; t++) entries += batch * Math.min(receptiveField, t);
  const rows = new Int32Array(entries);
  const bags = new Int32Array(entries);
  let entry = 0;
  let bag = 0;
  for (let row = 0; row < batch; row++) {
    for (let t = from; t < time; t++, bag++) {
      for (let d = Math.min(receptiveField, t); d >= 1; d--, entry++) {
        rows[entry] = (receptiveField - d) * alphabet + values[row * time + t - d];
        bags[entry] = bag;
      }
    }
  }
  return { rows, bags, count: bag };
}
