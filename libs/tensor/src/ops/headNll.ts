import type { HeadShape } from '@fermata/kernels';
import * as tf from '@tensorflow/tfjs';

import { customGradient } from '../customGradient';
import { native, tensorOf } from '../native/nativeBackend';
import { assertShape } from '../shape';
import { dense } from './convolution';
import { crossEntropy } from './crossEntropy';

/** Weights between the sum of a WaveNet's skip connections and its logits. */
export interface HeadWeights {
  /** `[skip, hidden]` */
  readonly hiddenKernel: tf.Tensor2D;
  /** `[hidden]` */
  readonly hiddenBias: tf.Tensor1D;
  /** `[hidden, symbols]` */
  readonly logitsKernel: tf.Tensor2D;
  /** `[symbols]` */
  readonly logitsBias: tf.Tensor1D;
}

/**
 * Head of a WaveNet (van den Oord et al., 2016, figure 4): ReLU → dense → ReLU → dense.
 *
 * @param skips `[batch, time, skip]`
 * @returns logits `[batch, time, symbols]`
 * @throws RangeError if the shapes do not fit
 */
export function headLogits(skips: tf.Tensor3D, weights: HeadWeights): tf.Tensor3D {
  const { hiddenKernel, hiddenBias, logitsKernel, logitsBias } = weights;
  return tf.tidy(() => {
    const hidden = dense(tf.relu(skips), hiddenKernel, hiddenBias);
    return dense(tf.relu(hidden), logitsKernel, logitsBias);
  });
}

/**
 * Negative log-likelihood of each target under the softmax of `headLogits`, in nats. The fused version never holds the
 * logits of all timesteps in memory together.
 *
 * @param skips `[batch, time, skip]`
 * @param targets int32 `[batch, time]`, each 0 … symbols − 1
 * @returns `[batch, time]`
 * @throws RangeError if the shapes do not fit
 */
export function headNll(skips: tf.Tensor3D, weights: HeadWeights, targets: tf.Tensor2D): tf.Tensor2D {
  const fused = native();
  if (fused === undefined) return tf.tidy(() => crossEntropy(headLogits(skips, weights), targets));
  const { kernels, floats, integers, take } = fused;
  const [batch, time, skip] = skips.shape;
  assertShape(targets, [batch, time], 'targets of a cross-entropy');
  const { hiddenKernel, hiddenBias, logitsKernel, logitsBias } = weights;
  const [hidden, symbols] = logitsKernel.shape;
  const shape: HeadShape = { rows: batch * time, skip, hidden, symbols };
  const inputs = [skips, hiddenKernel, hiddenBias, logitsKernel, logitsBias];
  return customGradient<tf.Tensor2D>(
    inputs,
    () => {
      const nll = take(batch * time);
      const [first, ...rest] = inputs.map((input) => floats(input));
      kernels.headForward(shape, first, rest, integers(targets), nll);
      return { value: tensorOf(nll, [batch, time]), keep: [...inputs, targets] };
    },
    (dy, kept) => {
      const [first, ...rest] = kept.slice(0, -1).map((tensor) => floats(tensor));
      const gradients = inputs.map(({ size }) => take(size));
      kernels.headBackward(
        shape,
        first,
        rest,
        integers(kept[kept.length - 1]),
        floats(dy),
        gradients[0],
        gradients.slice(1),
      );
      return gradients.map((values, index) => tensorOf(values, inputs[index].shape));
    },
  );
}
