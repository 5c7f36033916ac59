import * as tf from '@tensorflow/tfjs';

/**
 * The use of the codes in one batch. The number of its positions bounds its perplexity; the perplexity of a model is
 * measured over the whole evaluation set.
 *
 * @param counts `[codebookSize]`, the number of times each code occurs in the batch; not all zero
 */
export function codeUse(counts: tf.Tensor1D): { codesInUse: tf.Scalar; batchPerplexity: tf.Scalar } {
  return tf.tidy(() => ({
    codesInUse: tf.sum<tf.Scalar>(tf.cast(tf.greater(counts, 0), 'float32')),
    batchPerplexity: perplexity(counts),
  }));
}

/**
 * The exponential of the entropy of the codes (section 4.1): k if all codes are equally frequent, 1 if only one occurs.
 *
 * @param counts `[codebookSize]`, the frequency of each code, not necessarily a whole number; not all zero
 */
export function perplexity(counts: tf.Tensor1D): tf.Scalar {
  return tf.tidy(() => {
    const shares = tf.div<tf.Tensor1D>(counts, tf.sum(counts));
    return tf.exp<tf.Scalar>(tf.neg(negativeEntropy(shares)));
  });
}

// Keeps the logarithm finite: positive, but smaller than the share of any count in 32-bit floats.
const tiny = 1e-30;

/**
 * The negative entropy Σᵢ pᵢ log pᵢ = −H(p), in nats. A term with pᵢ = 0 is 0.
 *
 * @param shares p `[codebookSize]`, each in 0 … 1, with sum 1
 */
export function negativeEntropy(shares: tf.Tensor1D): tf.Scalar {
  return tf.tidy(() => tf.sum<tf.Scalar>(tf.mul(shares, tf.log(tf.maximum(shares, tiny)))));
}
