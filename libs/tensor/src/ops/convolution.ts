import * as tf from '@tensorflow/tfjs';

import { assertInteger, assertShape } from '../shape';
import { matrixProduct } from './matrixProduct';

/** Where a convolution looks: `causal` at the present and the past, `centred` at both sides alike. */
export type Padding = 'causal' | 'centred';

export interface ConvolutionOptions {
  /** Timesteps between neighbouring taps. */
  readonly dilation: number;
  readonly padding: Padding;
}

/**
 * Dilated convolution over time (van den Oord et al., 2016, section 2.1), whose output is as long as its input; zeros
 * stand before the first and after the last timestep.
 *
 *   causal:  y[t] = Σᵢ x[t − (width − 1 − i)·dilation] · kernel[i] + bias
 *   centred: y[t] = Σᵢ x[t + (i − (width − 1)/2)·dilation] · kernel[i] + bias
 *
 * The taps are laid side by side and multiplied at once, for tfjs has no gradient of a dilated convolution.
 *
 * @param x `[batch, time, in]`
 * @param kernel `[width, in, out]`
 * @param bias `[out]`
 * @returns `[batch, time, out]`
 * @throws RangeError for shapes that do not fit, and for a centred convolution of even width
 */
export function dilatedConvolution(
  x: tf.Tensor3D,
  kernel: tf.Tensor3D,
  bias: tf.Tensor1D,
  options: ConvolutionOptions,
): tf.Tensor3D {
  const [width, inChannels, outChannels] = kernel.shape;
  assertShape(x, ['batch', 'time', inChannels], 'x of a convolution');
  assertShape(bias, [outChannels], 'bias of a convolution');
  return tf.tidy(() => {
    const taps = tapOffsets(width, options).map((offset) => shift(x, -offset));
    const columns = taps.length === 1 ? taps[0] : tf.concat(taps, 2);
    return dense(columns, tf.reshape(kernel, [width * inChannels, outChannels]), bias);
  });
}

/**
 * The timesteps that each tap of a kernel reads, relative to the output: −4 is four steps in the past.
 *
 * @throws RangeError for a centred kernel of even width
 */
export function tapOffsets(width: number, { dilation, padding }: ConvolutionOptions): number[] {
  assertInteger(width, 1, 'width');
  assertInteger(dilation, 1, 'dilation');
  if (padding === 'centred' && width % 2 === 0) {
    throw new RangeError(`a centred convolution has an odd width, not ${width}`);
  }
  const last = padding === 'causal' ? width - 1 : (width - 1) / 2;
  return Array.from({ length: width }, (_, tap) => (tap - last) * dilation);
}

/**
 * Moves a sequence along time; zeros come in at the end that becomes free.
 *
 * @param x `[batch, time, channels]`
 * @param steps positive: later (y[t] = x[t − steps]); negative: earlier
 * @returns `[batch, time, channels]`
 */
export function shift(x: tf.Tensor3D, steps: number): tf.Tensor3D {
  const [batch, time, channels] = x.shape;
  if (steps === 0) return x;
  if (Math.abs(steps) >= time) return tf.zerosLike(x);
  const kept = time - Math.abs(steps);
  const [from, before, after] = steps > 0 ? [0, steps, 0] : [-steps, 0, -steps];
  return tf.tidy(() => {
    const part = tf.slice(x, [0, from, 0], [batch, kept, channels]);
    return tf.pad(part, [[0, 0], [before, after], [0, 0]]); // prettier-ignore
  });
}

/**
 * The same affine map at every timestep (a convolution of width 1): y[t] = x[t] · kernel + bias.
 *
 * @param x `[batch, time, in]`
 * @param kernel `[in, out]`
 * @param bias `[out]`
 * @returns `[batch, time, out]`
 */
export function dense(x: tf.Tensor3D, kernel: tf.Tensor2D, bias?: tf.Tensor1D): tf.Tensor3D {
  const [batch, time, inChannels] = x.shape;
  const outChannels = kernel.shape[1];
  assertShape(kernel, [inChannels, outChannels], 'kernel of a dense map');
  return tf.tidy(() => {
    const product = matrixProduct(tf.reshape(x, [batch * time, inChannels]), kernel);
    return tf.reshape(bias === undefined ? product : tf.add(product, bias), [batch, time, outChannels]);
  });
}
