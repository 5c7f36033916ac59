import { customGradient } from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';

/**
 * Softmax over the channels of each position: pᵢ = exp(xᵢ) / Σⱼ exp(xⱼ). It uses only ops that backends compute fast;
 * some compute tf.softmax in JavaScript.
 *
 * @param x `[batch, time, channels]`
 * @returns `[batch, time, channels]`
 */
export function softmax(x: tf.Tensor3D): tf.Tensor3D {
  return customGradient<tf.Tensor3D>(
    [x],
    () => {
      const exponentials = tf.exp(tf.sub(x, tf.max(x, 2, true)));
      const value = tf.div<tf.Tensor3D>(exponentials, tf.sum(exponentials, 2, true));
      return { value, keep: [value] };
    },
    // ∂L/∂xᵢ = pᵢ · (∂L/∂pᵢ − Σⱼ pⱼ · ∂L/∂pⱼ)
    (dy, [p]) => [
      tf.tidy(() => {
        const weighted = tf.mul(p, dy);
        return tf.sub(weighted, tf.mul(p, tf.sum(weighted, 2, true)));
      }),
    ],
  );
}
