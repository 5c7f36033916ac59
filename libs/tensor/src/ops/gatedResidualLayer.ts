import * as tf from '@tensorflow/tfjs';

import { assertShape } from '../shape';
import { dense, dilatedConvolution, type ConvolutionOptions } from './convolution';

/**
 * Weights of one layer. `gate` is the number of units after the gate; of the `2·gate` channels the tanh half comes
 * first.
 */
export interface GatedResidualWeights {
  /** `[width, channels, 2·gate]` */
  readonly kernel: tf.Tensor3D;
  /** `[2·gate]` */
  readonly bias: tf.Tensor1D;
  /** `[gate, channels]`; absent in the last layer of a stack, which has no residual output. */
  readonly residualKernel?: tf.Tensor2D;
  /** `[channels]` */
  readonly residualBias?: tf.Tensor1D;
  /** `[gate, skip]` */
  readonly skipKernel: tf.Tensor2D;
  /** `[skip]` */
  readonly skipBias: tf.Tensor1D;
}

/**
 * Gated residual layer (van den Oord et al., 2016, equation 3 and figure 4):
 *
 *   a      = kernel ∗ x + bias + conditioning
 *   z      = tanh(a[.., :gate]) ⊙ σ(a[.., gate:])
 *   output = x + z · residualKernel + residualBias
 *   skip   = z · skipKernel + skipBias
 *
 * This composed version runs on every backend and is the reference for the fused versions.
 *
 * @param x `[batch, time, channels]`
 * @param conditioning `[batch, time / hop, 2·gate]`, added before the gate; each of its timesteps covers `hop`
 *   timesteps of x
 * @returns output `[batch, time, channels]` (x itself without a residual kernel) and skip `[batch, time, skip]`
 * @throws RangeError if the shapes do not fit
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
  if (conditioning !== undefined) {
    const steps = conditioning.shape[1];
    assertShape(conditioning, [batch, steps, 2 * gate], 'conditioning of a layer');
    if (time % steps !== 0) {
      throw new RangeError(
        `conditioning of a layer has ${steps} timesteps, which do not divide the ${time} of x`,
      );
    }
  }
  return tf.tidy(() => {
    // Splitting the kernel costs less than splitting the activations.
    const [filterKernel, controlKernel] = tf.split<tf.Tensor3D>(kernel, 2, 2);
    const [filterBias, controlBias] = tf.split<tf.Tensor1D>(bias, 2);
    let filter = dilatedConvolution(x, filterKernel, filterBias, options);
    let control = dilatedConvolution(x, controlKernel, controlBias, options);
    if (conditioning !== undefined) {
      const [toFilter, toControl] = tf.split<tf.Tensor3D>(conditioning, 2, 2);
      filter = addRepeated(filter, toFilter);
      control = addRepeated(control, toControl);
    }
    const gated = tf.mul<tf.Tensor3D>(tf.tanh(filter), tf.sigmoid(control));
    const skip = dense(gated, skipKernel, skipBias);
    const output =
      residualKernel === undefined ? x : tf.add<tf.Tensor3D>(x, dense(gated, residualKernel, residualBias));
    return { output, skip };
  });
}

/** Adds a sequence of a lower rate, repeating each of its timesteps to match x. */
function addRepeated(x: tf.Tensor3D, slow: tf.Tensor3D): tf.Tensor3D {
  const [batch, time, channels] = x.shape;
  const steps = slow.shape[1];
  const sum = tf.add(
    tf.reshape(x, [batch, steps, time / steps, channels]),
    tf.reshape(slow, [batch, steps, 1, channels]),
  );
  return tf.reshape(sum, [batch, time, channels]);
}
