import * as tf from '@tensorflow/tfjs';

/**
 * How a batch uses the codes. Its perplexity is bounded by the number of its positions: that of a model is counted over
 * the whole evaluation set.
 *
 * @param counts `[symbols]`, how often the batch has each code; not all zero
 */
export function codeUse(counts: tf.Tensor1D): { codesInUse: tf.Scalar; batchPerplexity: tf.Scalar } {
  return tf.tidy(() => ({
    codesInUse: tf.sum<tf.Scalar>(tf.cast(tf.greater(counts, 0), 'float32')),
    batchPerplexity: perplexity(counts),
  }));
}

/**
 * The exponential of the entropy of the codes (section 4.1): k where all are used alike, 1 where one is alone.
 *
 * @param counts `[symbols]`, how often each code occurs, whole numbers or not; not all zero
 */
export function perplexity(counts: tf.Tensor1D): tf.Scalar {
  return tf.tidy(() => {
    const shares = tf.div<tf.Tensor1D>(counts, tf.sum(counts));
    return tf.exp<tf.Scalar>(tf.neg(negativeEntropy(shares)));
  });
}

// Below the smallest share that a count in 32 bits can have beside others, and above 0: keeps the logarithm finite.
const tiny = 1e-30;

/**
 * Σᵢ pᵢ log pᵢ = −H(p), in nats; where pᵢ = 0 so is its term.
 *
 * @param shares p `[symbols]`, each in 0 … 1, together 1
 */
export function negativeEntropy(shares: tf.Tensor1D): tf.Scalar {
  return tf.tidy(() => tf.sum<tf.Scalar>(tf.mul(shares, tf.log(tf.maximum(shares, tiny)))));
}
