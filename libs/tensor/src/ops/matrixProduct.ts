import * as tf from '@tensorflow/tfjs';

import { customGradient } from '../customGradient';
import { native, tensorOf } from '../native/nativeBackend';
import { assertShape } from '../shape';

/**
 * Product of two matrices, a · b, with gradients dy · bᵀ and aᵀ · dy.
 *
 * The gradients transpose first and then multiply: the wasm backend multiplies untransposed matrices with XNNPACK, but
 * transposed ones in a plain loop that is about ten times slower.
 *
 * @param a `[rows, inner]`
 * @param b `[inner, columns]`
 * @returns `[rows, columns]`
 */
export function matrixProduct(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  return customGradient<tf.Tensor2D>(
    [a, b],
    () => ({ value: tf.matMul(a, b), keep: [a, b] }),
    (dy, [left, right]) => [tf.matMul(dy, tf.transpose(right)), tf.matMul(tf.transpose(left), dy)],
  );
}

/**
 * Adds a vector at every timestep. Its gradient, the sum over all timesteps, is computed as a product with ones: on the
 * wasm backend this takes a fiftieth of the time of a sum over rows.
 *
 * @param x `[batch, time, channels]`
 * @param bias `[channels]`
 * @returns `[batch, time, channels]`
 */
export function addBias(x: tf.Tensor3D, bias: tf.Tensor1D): tf.Tensor3D {
  const [batch, time, channels] = x.shape;
  assertShape(bias, [channels], 'bias');
  return customGradient<tf.Tensor3D>(
    [x, bias],
    () => ({ value: tf.add(x, bias), keep: [] }),
    (dy) => {
      const fused = native();
      if (fused !== undefined) {
        const gradient = fused.take(channels);
        fused.kernels.sumRows(batch * time, channels, fused.floats(dy), gradient);
        return [dy, tensorOf(gradient, [channels])];
      }
      const sum = tf.matMul(tf.ones([1, batch * time]), tf.reshape(dy, [batch * time, channels]));
      return [dy, tf.reshape(sum, [channels])];
    },
  );
}
