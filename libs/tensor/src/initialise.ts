import { normals, uniforms, type RandomKey } from '@fermata/core';
import * as tf from '@tensorflow/tfjs';

/**
 * A kernel `[...window, in, out]` drawn from the uniform distribution on ±√(3·gain / fanIn), whose variance is
 * gain / fanIn, where fanIn is the number of inputs of one output: window · in (LeCun's rule; gain 2 before a ReLU is
 * He's).
 */
export function uniformKernel(key: RandomKey, shape: readonly number[], gain = 1): tf.Tensor {
  const fanIn = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  const bound = Math.sqrt((3 * gain) / fanIn);
  const values = uniforms(key, elements(shape));
  for (let i = 0; i < values.length; i++) values[i] = (2 * values[i] - 1) * bound;
  return tf.tensor(values, [...shape], 'float32');
}

/** A tensor drawn from the normal distribution of mean 0 and the given standard deviation. */
export function normalTensor(key: RandomKey, shape: readonly number[], deviation = 1): tf.Tensor {
  const values = normals(key, elements(shape));
  for (let i = 0; i < values.length; i++) values[i] *= deviation;
  return tf.tensor(values, [...shape], 'float32');
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
