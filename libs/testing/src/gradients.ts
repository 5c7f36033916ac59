import { normals, randomKey } from '@fermata/core';
import * as tf from '@tensorflow/tfjs';

import { expectClose } from './close';

/**
 * Fails unless tfjs's gradients equal central finite differences, element by element: (f(x + s) − f(x − s)) / 2s, where
 * f is the inner product of the function's value with fixed random numbers. It suits small tensors with values of about
 * 1, because everything is computed in 32 bits.
 *
 * @param fn any differentiable function of the inputs
 * @param inputs float32 tensors; they may include variables that the function also reads
 * @param options step `s` (default 0.01), and the tolerance of `expectClose` (default 0.002)
 */
export function expectGradients(
  fn: (...inputs: tf.Tensor[]) => tf.Tensor,
  inputs: readonly tf.Tensor[],
  { step = 0.01, tolerance = 0.002 }: { step?: number; tolerance?: number } = {},
): void {
  tf.tidy(() => {
    const inner = (...args: tf.Tensor[]): tf.Scalar => {
      const value = fn(...args);
      const weights = tf.tensor(normals(randomKey('cotangent'), value.size), value.shape);
      return tf.sum(tf.mul(value, weights));
    };
    const gradients = tf.grads(inner)([...inputs]);
    inputs.forEach((input, position) => {
      const values = input.dataSync<'float32'>();
      const differences = new Float32Array(values.length);
      for (let i = 0; i < values.length; i++) {
        const at = (change: number): number =>
          tf.tidy(() => {
            const moved = Float32Array.from(values);
            moved[i] += change;
            const args = inputs.map((other, index) =>
              index === position ? tf.tensor(moved, input.shape, 'float32') : other,
            );
            return inner(...args).dataSync()[0];
          });
        differences[i] = (at(step) - at(-step)) / (2 * step);
      }
      try {
        expectClose(gradients[position], tf.tensor(differences, input.shape), tolerance);
      } catch (error) {
        throw new Error(`the gradient of input ${position}: ${(error as Error).message}`, { cause: error });
      }
    });
  });
}
