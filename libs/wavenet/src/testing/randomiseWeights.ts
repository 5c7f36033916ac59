import { fold, type RandomKey } from '@fermata/core';
import { normalTensor, type Module } from '@fermata/tensor';

/** Gives every weight, biases too, random values of deviation 0.4, so that a test sees a mistake in any of them. */
export function randomiseWeights(model: Module, key: RandomKey): void {
  for (const [path, weight] of model.weights()) {
    const values = normalTensor(fold(key, path), weight.shape, 0.4);
    weight.assign(values);
    values.dispose();
  }
}
