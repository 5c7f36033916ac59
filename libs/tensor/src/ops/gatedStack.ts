import type { StackShape } from '@fermata/kernels';
import * as tf from '@tensorflow/tfjs';

import { customGradient } from '../customGradient';
import { native, tensorOf, type Native } from '../native/nativeBackend';
import { takeSaved, type Saved } from '../native/memory';
import { dense, type Padding } from './convolution';
import { gatedResidualLayer, type GatedResidualWeights } from './gatedResidualLayer';

/** Weights of one layer of a stack. */
export interface GatedStackWeights extends GatedResidualWeights {
  /** `[conditioning, 2·gate]`; absent in a stack without conditioning. */
  readonly conditioningKernel?: tf.Tensor2D;
}

/**
 * Chain of gated residual layers (van den Oord et al., 2016, figure 4); returns the sum of their skip outputs. Each
 * layer adds conditioning · conditioningKernel before its gate.
 *
 * @param x `[batch, time, channels]`
 * @param layers in order; the last has no residual weights
 * @param options.dilations timesteps between the taps, one per layer
 * @param conditioning `[batch, time / hop, conditioning]`, each of its timesteps covers `hop` timesteps of x
 * @returns `[batch, time, skip]`
 * @throws RangeError if the shapes do not fit
 */
export function gatedStack(
  x: tf.Tensor3D,
  layers: readonly GatedStackWeights[],
  options: { readonly dilations: readonly number[]; readonly padding: Padding },
  conditioning?: tf.Tensor3D,
): tf.Tensor3D {
  const fused = native();
  return fused === undefined
    ? composed(x, layers, options, conditioning)
    : fusedStack(fused, x, layers, options, conditioning);
}

const composed: typeof gatedStack = (x, layers, { dilations, padding }, conditioning) =>
  tf.tidy(() => {
    let input = x;
    let sum: tf.Tensor3D | undefined;
    layers.forEach((layer, index) => {
      const { output, skip } = gatedResidualLayer(
        input,
        layer,
        { dilation: dilations[index], padding },
        // Computed at the rate of the codes, which costs `hop` times less than at the rate of x.
        conditioning && layer.conditioningKernel && dense(conditioning, layer.conditioningKernel),
      );
      input = output;
      sum = sum === undefined ? skip : tf.add<tf.Tensor3D>(sum, skip);
    });
    return sum!;
  });

// Makes one call forwards and one backwards for all layers.
function fusedStack(
  { kernels, floats, take }: Native,
  x: tf.Tensor3D,
  layers: readonly GatedStackWeights[],
  { dilations, padding }: { readonly dilations: readonly number[]; readonly padding: Padding },
  conditioning?: tf.Tensor3D,
): tf.Tensor3D {
  const [batch, time, channels] = x.shape;
  const { kernel, skipKernel } = layers[0];
  const shape: StackShape = {
    batch,
    time,
    channels,
    gate: kernel.shape[2] / 2,
    skip: skipKernel.shape[1],
    width: kernel.shape[0],
    causal: padding === 'causal',
    dilations,
    conditioning: conditioning?.shape[2] ?? 0,
    hop: conditioning === undefined ? 1 : time / conditioning.shape[1],
  };
  const slots = layers.flatMap((layer) => weightsOf(layer, conditioning !== undefined));
  const weights = slots.flatMap((weight) => weight ?? []);
  const inputs: tf.Tensor[] = conditioning === undefined ? [x, ...weights] : [x, conditioning, ...weights];
  return customGradient<tf.Tensor3D, Saved | undefined>(
    inputs,
    () => {
      const saved = takeSaved(kernels, kernels.stackSavedSize(shape));
      const skips = take(batch * time * shape.skip);
      kernels.stackForward(
        shape,
        floats(x),
        conditioning ? floats(conditioning) : null,
        slots.map((weight) => (weight === undefined ? null : floats(weight))),
        saved?.values ?? null,
        skips,
      );
      return { value: tensorOf(skips, [batch, time, shape.skip]), keep: inputs, saved };
    },
    (dy, kept, saved) => {
      const keptWeights = kept.slice(conditioning === undefined ? 1 : 2);
      const gradients = inputs.map(({ size }) => take(size));
      const weightGradients = gradients.slice(conditioning === undefined ? 1 : 2);
      const inSlots = <T>(values: readonly T[]): (T | null)[] => {
        let next = 0;
        return slots.map((weight) => (weight === undefined ? null : values[next++]));
      };
      kernels.stackBackward(
        shape,
        floats(kept[0]),
        conditioning ? floats(kept[1]) : null,
        inSlots(keptWeights.map((weight) => floats(weight))),
        saved!.values,
        floats(dy),
        gradients[0],
        conditioning ? gradients[1] : null,
        inSlots(weightGradients),
      );
      saved!.giveBack();
      return gradients.map((values, index) => tensorOf(values, inputs[index].shape));
    },
  );
}

function weightsOf(layer: GatedStackWeights, conditioned: boolean): (tf.Tensor | undefined)[] {
  const { kernel, bias, residualKernel, residualBias, skipKernel, skipBias, conditioningKernel } = layer;
  const projection = conditioned ? conditioningKernel : undefined;
  return [kernel, bias, residualKernel, residualBias, skipKernel, skipBias, projection];
}
