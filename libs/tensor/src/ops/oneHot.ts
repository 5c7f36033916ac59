import * as tf from '@tensorflow/tfjs';

import { native, tensorOf } from '../native/nativeBackend';

/**
 * One-hot vectors: 1 where the index equals the symbol, 0 elsewhere.
 *
 * Avoids `tf.oneHot` with float32: the wasm backend (4.22.0) writes the bits of integers instead.
 *
 * @param indices int32, any shape; an index outside 0 … count − 1 gives zeros
 * @returns float32 `[…, count]`
 */
export function oneHot(indices: tf.Tensor, count: number): tf.Tensor {
  const fused = native();
  if (fused !== undefined) {
    const { kernels, integers, take } = fused;
    const result = take(indices.size * count);
    kernels.oneHot(indices.size, count, integers(indices), result);
    return tensorOf(result, [...indices.shape, count]);
  }
  return tf.tidy(() => tf.cast(tf.oneHot(indices, count, 1, 0, 'int32'), 'float32'));
}
