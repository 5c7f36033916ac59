import * as tf from '@tensorflow/tfjs';

import { customGradient } from '../customGradient';
import { native, tensorOf, type Native } from '../native/nativeBackend';
import { assertInteger, assertShape } from '../shape';
import { addBias, matrixProduct } from './matrixProduct';

/** Taps of a convolution: `causal` covers the present and the past, `centred` covers both sides equally. */
export type Padding = 'causal' | 'centred';

export interface ConvolutionOptions {
  /** Timesteps between neighbouring taps. */
  readonly dilation: number;
  readonly padding: Padding;
}

/**
 * Dilated convolution over time (van den Oord et al., 2016, section 2.1). The output is as long as the input; zeros pad
 * the input on both sides.
 *
 *   causal:  y[t] = Σᵢ x[t − (width − 1 − i)·dilation] · kernel[i] + bias
 *   centred: y[t] = Σᵢ x[t + (i − (width − 1)/2)·dilation] · kernel[i] + bias
 *
 * @param x `[batch, time, in]`
 * @param kernel `[width, in, out]`
 * @param bias `[out]`
 * @returns `[batch, time, out]`
 * @throws RangeError if the shapes do not fit, or if a centred convolution has an even width
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
  const taps = tapOffsets(width, options);
  const fused = native();
  return fused === undefined
    ? composedConvolution(x, kernel, bias, taps, options.dilation)
    : fusedConvolution(fused, x, kernel, bias, options);
}

function composedConvolution(
  x: tf.Tensor3D,
  kernel: tf.Tensor3D,
  bias: tf.Tensor1D,
  taps: readonly number[],
  dilation: number,
): tf.Tensor3D {
  const [, inChannels, outChannels] = kernel.shape;
  const [past, future] = [-taps[0], taps[taps.length - 1]];
  const [batch, time] = x.shape;
  return tf.tidy(() => {
    const product = customGradient<tf.Tensor3D>(
      [x, kernel],
      () => {
        const padded = padTime(x, past, future);
        return { value: convolve(padded, kernel, dilation), keep: [padded, kernel] };
      },
      // tfjs lacks the gradient of a dilated convolution.
      (dy, [padded, kept]) => {
        const mirrored = tf.transpose(tf.reverse(kept, 0), [0, 2, 1]);
        const rows = tf.reshape(dy, [batch * time, outChannels]);
        const kernelGradients = taps.map((offset) => {
          const seen = sliceTime(padded as tf.Tensor3D, past + offset, time);
          return tf.matMul(tf.transpose(tf.reshape(seen, [batch * time, inChannels])), rows);
        });
        return [
          convolve(padTime(dy, future, past), mirrored as tf.Tensor3D, dilation),
          tf.stack(kernelGradients),
        ];
      },
    );
    return addBias(product, bias);
  });
}

function fusedConvolution(
  { kernels, floats, take }: Native,
  x: tf.Tensor3D,
  kernel: tf.Tensor3D,
  bias: tf.Tensor1D,
  { dilation, padding }: ConvolutionOptions,
): tf.Tensor3D {
  const [batch, time, inputs] = x.shape;
  const [width, , outputs] = kernel.shape;
  const shape = { batch, time, inputs, outputs, width, causal: padding === 'causal', dilation };
  return customGradient<tf.Tensor3D>(
    [x, kernel, bias],
    () => {
      const y = take(batch * time * outputs);
      kernels.convolve(shape, floats(x), floats(kernel), floats(bias), y);
      return { value: tensorOf(y, [batch, time, outputs]), keep: [x, kernel] };
    },
    (dy, [keptX, keptKernel]) => {
      const [dx, dKernel, dBias] = [take(x.size), take(kernel.size), take(outputs)];
      const given = [floats(keptX), floats(keptKernel), floats(dy)] as const;
      kernels.convolveBackward(shape, ...given, dx, dKernel, dBias);
      return [tensorOf(dx, x.shape), tensorOf(dKernel, kernel.shape), tensorOf(dBias, bias.shape)];
    },
  );
}

/**
 * Timesteps that each tap of a kernel reads, relative to the output: −4 is four steps in the past.
 *
 * @throws RangeError if a centred kernel has an even width
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
 * Moves a sequence along time and pads the free end with zeros.
 *
 * @param x `[batch, time, channels]`
 * @param steps positive: moves the values later (y[t] = x[t − steps]); negative: earlier
 * @returns `[batch, time, channels]`
 */
export function shift(x: tf.Tensor3D, steps: number): tf.Tensor3D {
  const time = x.shape[1];
  if (steps === 0) return x;
  if (Math.abs(steps) >= time) return tf.zerosLike(x);
  const [later, earlier] = [Math.max(0, steps), Math.max(0, -steps)];
  return tf.tidy(() => padTime(sliceTime(x, earlier, time - later - earlier), later, earlier));
}

/**
 * Applies the same affine map at every timestep (a convolution of width 1): y[t] = x[t] · kernel + bias.
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
  const fused = native();
  if (fused !== undefined) return fusedDense(fused, x, kernel, bias);
  return tf.tidy(() => {
    const product = matrixProduct(tf.reshape(x, [batch * time, inChannels]), kernel);
    const sequence = tf.reshape<tf.Rank.R3>(product, [batch, time, outChannels]);
    return bias === undefined ? sequence : addBias(sequence, bias);
  });
}

function fusedDense(
  { kernels, floats, take }: Native,
  x: tf.Tensor3D,
  kernel: tf.Tensor2D,
  bias?: tf.Tensor1D,
): tf.Tensor3D {
  const [batch, time] = x.shape;
  const [inChannels, outChannels] = kernel.shape;
  const rows = batch * time;
  return customGradient<tf.Tensor3D>(
    bias === undefined ? [x, kernel] : [x, kernel, bias],
    () => {
      const y = take(rows * outChannels);
      const addend = bias === undefined ? null : floats(bias);
      kernels.multiply(rows, inChannels, outChannels, false, false, floats(x), floats(kernel), addend, y);
      return { value: tensorOf(y, [batch, time, outChannels]), keep: [x, kernel] };
    },
    (dy, [keptX, keptKernel]) => {
      const dx = take(rows * inChannels);
      const dKernel = take(inChannels * outChannels);
      const gradient = floats(dy);
      kernels.multiply(rows, outChannels, inChannels, false, true, gradient, floats(keptKernel), null, dx);
      kernels.multiply(inChannels, rows, outChannels, true, false, floats(keptX), gradient, null, dKernel);
      const gradients: tf.Tensor[] = [tensorOf(dx, x.shape), tensorOf(dKernel, kernel.shape)];
      if (bias === undefined) return gradients;
      const dBias = take(outChannels);
      kernels.sumRows(rows, outChannels, gradient, dBias);
      return [...gradients, tensorOf(dBias, bias.shape)];
    },
  );
}

/** Dilated convolution at all timesteps whose taps lie within x: `[batch, time − (width − 1) · dilation, out]`. */
function convolve(x: tf.Tensor3D, kernel: tf.Tensor3D, dilation: number): tf.Tensor3D {
  const [batch, time, inChannels] = x.shape;
  const [width, , outChannels] = kernel.shape;
  // tf.conv1d rejects a dilation, so this uses two dimensions.
  const image = tf.reshape<tf.Rank.R4>(x, [batch, 1, time, inChannels]);
  const filter = tf.reshape<tf.Rank.R4>(kernel, [1, width, inChannels, outChannels]);
  const y = tf.conv2d(image, filter, 1, 'valid', 'NHWC', [1, dilation]);
  return tf.reshape(y, [batch, y.shape[2], outChannels]);
}

/** Timesteps start … start + count − 1. */
function sliceTime(x: tf.Tensor3D, start: number, count: number): tf.Tensor3D {
  const [batch, time, channels] = x.shape;
  // The slice has two dimensions: the wasm backend copies the last axis in one go, but other axes value by value.
  const rows = tf.reshape(x, [batch, time * channels]);
  return tf.reshape(tf.slice(rows, [0, start * channels], [batch, count * channels]), [
    batch,
    count,
    channels,
  ]);
}

function padTime(x: tf.Tensor3D, before: number, after: number): tf.Tensor3D {
  return before === 0 && after === 0 ? x : tf.pad(x, [[0, 0], [before, after], [0, 0]]); // prettier-ignore
}
