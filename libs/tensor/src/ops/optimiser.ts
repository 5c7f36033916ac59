import type { AdamStep } from '@fermata/kernels';
import * as tf from '@tensorflow/tfjs';

import { changeableFloats, native } from '../native/nativeBackend';

/** Variables that one step of Adam updates, all of the shape of the weight. */
export interface AdamVariables {
  readonly weight: tf.Variable;
  /** Exponential moving averages of the gradient and of its square. */
  readonly first: tf.Variable;
  readonly second: tf.Variable;
  /** Polyak average of the weight; optional. */
  readonly average?: tf.Variable | undefined;
}

/**
 * One step of Adam (Kingma and Ba, 2015, algorithm 1) for one weight, followed by its Polyak average:
 *
 *     g ← gradientScale · gradient
 *     m ← β₁ m + (1 − β₁) g        v ← β₂ v + (1 − β₂) g²
 *     w ← w − stepSize · m / (deviationScale · √v + ε)
 *     a ← a + averageShare · (w − a)
 *
 * where stepSize = η / (1 − β₁ᵗ) and deviationScale = 1 / √(1 − β₂ᵗ) in step t. The fused version makes one pass over
 * the weight.
 *
 * @param gradient has the shape of the weight
 */
export function adamStep(variables: AdamVariables, gradient: tf.Tensor, scalars: AdamStep): void {
  const { weight, first, second, average } = variables;
  const fused = native();
  if (fused !== undefined) {
    fused.kernels.adam(
      scalars,
      weight.size,
      fused.floats(gradient),
      changeableFloats(weight),
      changeableFloats(first),
      changeableFloats(second),
      average === undefined ? null : changeableFloats(average),
    );
    return;
  }
  const { beta1, beta2, epsilon, gradientScale, stepSize, deviationScale } = scalars;
  tf.tidy(() => {
    const scaled = gradientScale === 1 ? gradient : tf.mul(gradient, gradientScale);
    first.assign(tf.add(tf.mul(first, beta1), tf.mul(scaled, 1 - beta1)));
    second.assign(tf.add(tf.mul(second, beta2), tf.mul(tf.square(scaled), 1 - beta2)));
    const direction = tf.div(first, tf.add(tf.mul(tf.sqrt(second), deviationScale), epsilon));
    weight.assign(tf.sub(weight, tf.mul(direction, stepSize)));
    if (average !== undefined) moveAverage(average, weight, scalars.averageShare);
  });
}

/** Computes average ← average + share · (value − average); all have one shape. */
export function moveAverage(average: tf.Variable, value: tf.Tensor, share: number): void {
  tf.tidy(() => {
    average.assign(tf.add(average, tf.mul(tf.sub(value, average), share)));
  });
}

/** Sum of the squares of all elements: a scalar, left on the device. */
export function sumOfSquares(x: tf.Tensor): tf.Scalar {
  const fused = native();
  if (fused !== undefined) return tf.scalar(fused.kernels.sumOfSquares(x.size, fused.floats(x)));
  return tf.tidy(() => tf.sum<tf.Scalar>(tf.square(x)));
}
