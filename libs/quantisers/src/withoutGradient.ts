import { customGradient } from '@fermata/tensor';
import type * as tf from '@tensorflow/tfjs';

/**
 * Computes a constant, [ · ] in equation 1. Nothing inside is differentiated, so ops without a gradient, such as argmax, are
 * allowed.
 */
export function withoutGradient<T extends tf.Tensor>(compute: () => T): T {
  return customGradient<T>(
    [],
    () => ({ value: compute(), keep: [] }),
    () => [],
  );
}
