import * as tf from '@tensorflow/tfjs';

import { customGradient } from '../customGradient';
import { native, tensorOf } from '../native/nativeBackend';
import { assertInteger, assertShape } from '../shape';
import { dense, shift } from './convolution';

/**
 * Looks up the table row of each symbol, delayed by some timesteps. This equals the product of one-hot vectors with the
 * table, but makes neither.
 *
 *   y[t] = table[symbols[t − delay]], zeros where t < delay
 *
 * @param symbols int32 `[batch, time]`, each 0 … symbols − 1
 * @param table `[symbols, channels]`
 * @returns `[batch, time, channels]`
 */
export function embeddingLookup(symbols: tf.Tensor2D, table: tf.Tensor2D, delay = 0): tf.Tensor3D {
  assertInteger(delay, 0, 'delay');
  const fused = native();
  if (fused === undefined) {
    return tf.tidy(() => shift(tf.gather<tf.Tensor3D>(table as unknown as tf.Tensor3D, symbols), delay));
  }
  const { kernels, floats, integers, take } = fused;
  const [[batch, time], [rows, channels]] = [symbols.shape, table.shape];
  return customGradient<tf.Tensor3D>(
    [table],
    () => {
      const result = take(batch * time * channels);
      kernels.embed(batch, time, channels, delay, rows, integers(symbols), floats(table), result);
      return { value: tensorOf(result, [batch, time, channels]), keep: [symbols] };
    },
    (dy, [kept]) => {
      const gradient = take(rows * channels);
      kernels.embedBackward(batch, time, channels, delay, rows, integers(kept), floats(dy), gradient);
      return [tensorOf(gradient, [rows, channels])];
    },
  );
}

/**
 * Maps symbols to real numbers in [−1, 1), delays them by some timesteps, and applies an affine map.
 *
 *   y[t] = (symbols[t − delay] − half) / half · kernel + bias, zeros where t < delay
 *
 * @param symbols int32 `[batch, time]`
 * @param half half of the alphabet's size
 * @param kernel `[1, channels]`
 * @param bias `[channels]`
 * @returns `[batch, time, channels]`
 */
export function scalarInput(
  symbols: tf.Tensor2D,
  half: number,
  kernel: tf.Tensor2D,
  bias: tf.Tensor1D,
  delay = 0,
): tf.Tensor3D {
  assertInteger(delay, 0, 'delay');
  const channels = kernel.shape[1];
  assertShape(kernel, [1, channels], 'kernel of a scalar input');
  assertShape(bias, [channels], 'bias of a scalar input');
  const fused = native();
  if (fused === undefined) {
    return tf.tidy(() => {
      const values = tf.div(tf.sub(tf.cast(symbols, 'float32'), half), half);
      return shift(dense(tf.expandDims<tf.Tensor3D>(values, 2), kernel, bias), delay);
    });
  }
  const { kernels, floats, integers, take } = fused;
  const [batch, time] = symbols.shape;
  return customGradient<tf.Tensor3D>(
    [kernel, bias],
    () => {
      const result = take(batch * time * channels);
      const [factors, addends] = [floats(kernel), floats(bias)];
      kernels.enterScalars(batch, time, channels, delay, half, integers(symbols), factors, addends, result);
      return { value: tensorOf(result, [batch, time, channels]), keep: [symbols] };
    },
    (dy, [kept]) => {
      const [factors, addends] = [take(channels), take(channels)];
      const given = [integers(kept), floats(dy)] as const;
      kernels.enterScalarsBackward(batch, time, channels, delay, half, ...given, factors, addends);
      return [tensorOf(factors, [1, channels]), tensorOf(addends, [channels])];
    },
  );
}
