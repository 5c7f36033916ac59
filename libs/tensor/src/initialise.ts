import { normals, uniforms, type RandomKey } from '@fermata/core';
import * as tf from '@tensorflow/tfjs';

/**
 * Draws a kernel `[...window, in, out]` from the uniform distribution on ±√(3·gain / fanIn). Its variance is gain /
 * fanIn; fanIn = window · in is the number of inputs of one output. Gain 1 is LeCun's rule; gain 2, before a ReLU, is
 * He's.
 */
export function uniformKernel(key: RandomKey, shape: readonly number[], gain = 1): tf.Tensor {
  const fanIn = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  const bound = Math.sqrt((3 * gain) / fanIn);
  const values = uniforms(key, elements(shape));
  for (let i = 0; i < values.length; i++) values[i] = (2 * values[i] - 1) * bound;
  return tf.tensor(values, [...shape], 'float32');
}

/** Draws a tensor from the normal distribution of mean 0 and the given standard deviation. */
export function normalTensor(key: RandomKey, shape: readonly number[], deviation = 1): tf.Tensor {
  const values = normals(key, elements(shape));
  for (let i = 0; i < values.length; i++) values[i] *= deviation;
  return tf.tensor(values, [...shape], 'float32');
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
