import * as tf from '@tensorflow/tfjs';

/**
 * Runs a function and fails unless the numbers of live tensors and of live buffers are the same before and after.
 *
 * @returns result of the function
 */
export async function expectNoLeak<T>(fn: () => T | Promise<T>): Promise<T> {
  const before = tf.memory();
  const result = await fn();
  const after = tf.memory();
  const tensors = after.numTensors - before.numTensors;
  const buffers = after.numDataBuffers - before.numDataBuffers;
  if (tensors !== 0 || buffers !== 0) {
    const error = new Error(`the function leaked ${tensors} tensors and ${buffers} buffers`);
    Error.captureStackTrace(error, expectNoLeak);
    throw error;
  }
  return result;
}
