import { customGradient } from '@fermata/tensor';
import type * as tf from '@tensorflow/tfjs';

/**
 * Computes a constant: [ · ] in equation 1. Nothing inside is differentiated, so that ops which have no gradient, such
 * as argmax, may stand there.
 */
export function withoutGradient<T extends tf.Tensor>(compute: () => T): T {
  return customGradient<T>(
    [],
    () => ({ value: compute(), keep: [] }),
    () => [],
  );
}
