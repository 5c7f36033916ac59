import * as tf from '@tensorflow/tfjs';

import { customGradient } from '../customGradient';
import { assertShape } from '../shape';
import { oneHot } from './oneHot';

/**
 * Negative log-likelihood of each target under a softmax, in nats: −log softmax(logits)[target].
 *
 * @param logits `[batch, time, symbols]`
 * @param targets int32 `[batch, time]`, each 0 … symbols − 1
 * @returns `[batch, time]`
 * @throws RangeError if the shapes do not fit
 */
export function crossEntropy(logits: tf.Tensor3D, targets: tf.Tensor2D): tf.Tensor2D {
  const [batch, time, symbols] = logits.shape;
  assertShape(targets, [batch, time], 'targets of a cross-entropy');
  return tf.tidy(() => {
    const scores = tf.reshape(logits, [batch * time, symbols]);
    const flat = tf.reshape<tf.Rank.R1>(targets, [batch * time]);
    const nll = customGradient<tf.Tensor1D>(
      [scores],
      () => {
        const probabilities = tf.softmax(scores);
        // The largest probability is 1 / Σ exp(score − largest score), which never underflows.
        const logTotal = tf.sub(tf.max(scores, 1), tf.log(tf.max(probabilities, 1)));
        const first = tf.range(0, batch * time * symbols, symbols, 'int32');
        const chosen = tf.gather(tf.reshape(scores, [batch * time * symbols]), tf.add(first, flat));
        return { value: tf.sub(logTotal, chosen), keep: [probabilities, flat] };
      },
      // The gradient as a whole is softmax − one-hot: one subtraction instead of five passes.
      (dy, [probabilities, target]) => [
        tf.mul(tf.sub(probabilities, oneHot(target, symbols)), tf.expandDims(dy, 1)),
      ],
    );
    return tf.reshape(nll, [batch, time]);
  });
}
