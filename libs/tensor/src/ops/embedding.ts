import * as tf from '@tensorflow/tfjs';

import { customGradient } from '../customGradient';
import { oneHot } from './oneHot';

/**
 * The rows of a table that symbols name: the product of one-hot vectors with the table, without making either.
 *
 * @param symbols int32 `[batch, time]`, each 0 … symbols − 1
 * @param table `[symbols, channels]`
 * @returns `[batch, time, channels]`
 */
export function embeddingLookup(symbols: tf.Tensor2D, table: tf.Tensor2D): tf.Tensor3D {
  const [batch, time] = symbols.shape;
  const [count, channels] = table.shape;
  return tf.tidy(() => {
    const flat = tf.reshape(symbols, [batch * time]);
    const rows = customGradient<tf.Tensor2D>(
      [table],
      () => ({ value: tf.gather(table, flat), keep: [flat] }),
      // tfjs takes the gradient of a gather by an unsorted segment sum, which the wasm backend lacks.
      (dy, [indices]) => [tf.matMul(tf.transpose(oneHot(indices, count)), dy)],
    );
    return tf.reshape(rows, [batch, time, channels]);
  });
}
