import * as tf from '@tensorflow/tfjs';

/**
 * Runs a function and fails unless as many tensors, and as many buffers behind them, are alive after it as before.
 *
 * @returns what the function returned
 */
export async function expectNoLeak<T>(fn: () => T | Promise<T>): Promise<T> {
  const before = tf.memory();
  const result = await fn();
  const after = tf.memory();
  const tensors = after.numTensors - before.numTensors;
  const buffers = after.numDataBuffers - before.numDataBuffers;
  if (tensors !== 0 || buffers !== 0) {
    const error = new Error(`${tensors} tensors and ${buffers} buffers more are alive than before`);
    Error.captureStackTrace(error, expectNoLeak);
    throw error;
  }
  return result;
}
