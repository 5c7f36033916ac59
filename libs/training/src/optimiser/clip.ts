import { sumOfSquares } from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';

/** √Σ g², over all elements of all gradients: a scalar, left on the device. */
export function globalNorm(gradients: Iterable<tf.Tensor>): tf.Scalar {
  return tf.tidy(() => {
    return tf.sqrt<tf.Scalar>(tf.addN<tf.Scalar>(Array.from(gradients, sumOfSquares)));
  });
}

/**
 * Factor that scales gradients of global norm `norm` down to `maximum`: min(1, maximum / norm) (Pascanu, Mikolov and
 * Bengio, 2013). A `maximum` of 0 disables clipping.
 */
export function clippingScale(norm: number, maximum: number): number {
  return maximum === 0 || norm <= maximum ? 1 : maximum / norm;
}
