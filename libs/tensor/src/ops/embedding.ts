import * as tf from '@tensorflow/tfjs';

/**
 * The rows of a table that symbols name: the product of one-hot vectors with the table, without making either.
 *
 * @param symbols int32 `[batch, time]`, each 0 … symbols − 1
 * @param table `[symbols, channels]`
 * @returns `[batch, time, channels]`
 */
export function embeddingLookup(symbols: tf.Tensor2D, table: tf.Tensor2D): tf.Tensor3D {
  return tf.gather<tf.Tensor3D>(table as unknown as tf.Tensor3D, symbols);
}
