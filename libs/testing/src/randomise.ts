import { fold, normals, type RandomKey } from '@fermata/core';
import * as tf from '@tensorflow/tfjs';

/**
 * Sets every weight of a model, including biases, to random values of deviation 0.4, so that tests detect a mistake in
 * any weight.
 */
export function randomiseWeights(
  model: { weights(): ReadonlyMap<string, tf.Variable> },
  key: RandomKey,
): void {
  for (const [path, weight] of model.weights()) {
    const values = normals(fold(key, path), weight.size).map((value) => 0.4 * value);
    const tensor = tf.tensor(values, weight.shape);
    weight.assign(tensor);
    tensor.dispose();
  }
}
