import * as tf from '@tensorflow/tfjs';

/**
 * How a batch uses the codes. The perplexity, the exponential of the entropy of the codes (section 4.1), is bounded by
 * the number of positions in the batch: that of a model is counted over the whole evaluation set.
 *
 * @param counts `[symbols]`, how often the batch has each code; not all zero
 */
export function codeUse(counts: tf.Tensor1D): { codesInUse: tf.Scalar; batchPerplexity: tf.Scalar } {
  return tf.tidy(() => {
    const used = tf.cast(tf.greater(counts, 0), 'float32');
    const shares = tf.div(counts, tf.sum(counts));
    // Where a share is 0 so is its term: the 1 only keeps the logarithm finite.
    const terms = tf.mul(shares, tf.log(tf.add(shares, tf.sub(1, used))));
    return {
      codesInUse: tf.sum<tf.Scalar>(used),
      batchPerplexity: tf.exp(tf.neg(tf.sum<tf.Scalar>(terms))),
    };
  });
}

/**
 * The squared distance between queries and what they became, summed over the depth and averaged over batch and time:
 * mean |q' − q|².
 *
 * @param query `[batch, time, depth]`
 * @param quantised `[batch, time, depth]`
 */
export function quantisationError(query: tf.Tensor3D, quantised: tf.Tensor3D): tf.Scalar {
  return tf.tidy(() => tf.mean<tf.Scalar>(tf.sum(tf.square(tf.sub(query, quantised)), 2)));
}
