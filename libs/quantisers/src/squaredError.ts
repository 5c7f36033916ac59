import { assertShape, customGradient, sumOfSquares } from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';

/**
 * The squared error (x − [target])² of equation 1, a sum over the depth and a mean over batch and time. Only x receives a
 * gradient. Between a query and its quantised query it is the quantisation error.
 *
 * @param x `[batch, time, depth]`
 * @param target `[batch, time, depth]`, a constant
 */
export function squaredError(x: tf.Tensor3D, target: tf.Tensor3D): tf.Scalar {
  assertShape(target, x.shape, 'target');
  const positions = x.shape[0] * x.shape[1];
  return customGradient<tf.Scalar>(
    [x],
    () => {
      const difference = tf.sub(x, target);
      return { value: tf.div<tf.Scalar>(sumOfSquares(difference), positions), keep: [difference] };
    },
    (dy, [difference]) => [tf.tidy(() => tf.mul(difference, tf.mul(dy, 2 / positions)))],
  );
}
