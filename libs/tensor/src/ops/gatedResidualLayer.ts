import * as tf from '@tensorflow/tfjs';

import { assertShape } from '../shape';
import { dense, dilatedConvolution, type ConvolutionOptions } from './convolution';
import { repeat } from './resample';

/** The weights of one layer. `gate` is the number of units after the gate; `2·gate` has the tanh half first. */
export interface GatedResidualWeights {
  /** `[width, channels, 2·gate]` */
  readonly kernel: tf.Tensor3D;
  /** `[2·gate]` */
  readonly bias: tf.Tensor1D;
  /** `[gate, channels]`; absent in the last layer of a stack, whose residual output nobody reads. */
  readonly residualKernel?: tf.Tensor2D;
  /** `[channels]` */
  readonly residualBias?: tf.Tensor1D;
  /** `[gate, skip]` */
  readonly skipKernel: tf.Tensor2D;
  /** `[skip]` */
  readonly skipBias: tf.Tensor1D;
}

/**
 * One gated residual layer (van den Oord et al., 2016, equation 3 and figure 4):
 *
 *   a      = kernel ∗ x + bias + conditioning
 *   z      = tanh(a[.., :gate]) ⊙ σ(a[.., gate:])
 *   output = x + z · residualKernel + residualBias
 *   skip   = z · skipKernel + skipBias
 *
 * This is the composed version: it runs on every backend and is the reference of every fused one.
 *
 * @param x `[batch, time, channels]`
 * @param conditioning `[batch, time / hop, 2·gate]`, added before the gate; each of its timesteps counts for `hop`
 *   timesteps of x
 * @returns output `[batch, time, channels]` (x itself where there is no residual kernel) and skip `[batch, time, skip]`
 * @throws RangeError for shapes that do not fit
 */
export function gatedResidualLayer(
  x: tf.Tensor3D,
  weights: GatedResidualWeights,
  options: ConvolutionOptions,
  conditioning?: tf.Tensor3D,
): { output: tf.Tensor3D; skip: tf.Tensor3D } {
  const { kernel, bias, residualKernel, residualBias, skipKernel, skipBias } = weights;
  const gate = kernel.shape[2] / 2;
  const [batch, time] = x.shape;
  return tf.tidy(() => {
    let activations = dilatedConvolution(x, kernel, bias, options);
    if (conditioning !== undefined) {
      const hop = time / conditioning.shape[1];
      assertShape(conditioning, [batch, time / hop, 2 * gate], 'conditioning of a layer');
      activations = tf.add(activations, repeat(conditioning, hop));
    }
    const [filter, control] = tf.split(activations, 2, 2);
    const gated = tf.mul<tf.Tensor3D>(tf.tanh(filter), tf.sigmoid(control));
    const skip = dense(gated, skipKernel, skipBias);
    const output =
      residualKernel === undefined ? x : tf.add<tf.Tensor3D>(x, dense(gated, residualKernel, residualBias));
    return { output, skip };
  });
}
