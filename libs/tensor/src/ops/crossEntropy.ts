import * as tf from '@tensorflow/tfjs';

import { customGradient } from '../customGradient';
import { assertShape } from '../shape';
import { oneHot } from './oneHot';

/**
 * The negative log-likelihood of each target under a softmax, in nats: −log softmax(logits)[target].
 *
 * @param logits `[batch, time, symbols]`
 * @param targets int32 `[batch, time]`, each 0 … symbols − 1
 * @returns `[batch, time]`
 * @throws RangeError for shapes that do not fit
 */
export function crossEntropy(logits: tf.Tensor3D, targets: tf.Tensor2D): tf.Tensor2D {
  const [batch, time, symbols] = logits.shape;
  assertShape(targets, [batch, time], 'targets of a cross-entropy');
  return tf.tidy(() => {
    const scores = tf.reshape(logits, [batch * time, symbols]);
    const nll = customGradient<tf.Tensor1D>(
      [scores],
      () => {
        const target = oneHot(tf.reshape(targets, [batch * time]), symbols);
        const shifted = tf.sub(scores, tf.max(scores, 1, true));
        const exponentials = tf.exp(shifted);
        const total = tf.sum(exponentials, 1, true);
        return {
          value: tf.sub(tf.log(tf.squeeze(total, [1])), tf.sum(tf.mul(shifted, target), 1)),
          // The gradient of the whole, softmax − one-hot: one subtraction where the parts' would be five passes.
          keep: [tf.sub(tf.div(exponentials, total), target)],
        };
      },
      (dy, [residual]) => [tf.mul(residual, tf.expandDims(dy, 1))],
    );
    return tf.reshape(nll, [batch, time]);
  });
}
