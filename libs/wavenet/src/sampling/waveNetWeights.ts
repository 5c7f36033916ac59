import type * as tf from '@tensorflow/tfjs';

import type { GatedLayer } from '../gatedStack';
import type { SymbolInput } from '../symbolInput';
import type { WaveNet } from '../waveNet';

/** Weights of a WaveNet for samplers, on typed arrays. */
export interface WaveNetWeights {
  /** `[symbols, channels]`: the input of each symbol to the network. */
  readonly table: Float32Array;
  readonly layers: readonly LayerWeights[];
  /** `[skip, head]`, `[head]`, `[head, symbols]`, `[symbols]` */
  readonly head: {
    readonly hiddenKernel: Float32Array;
    readonly hiddenBias: Float32Array;
    readonly logitsKernel: Float32Array;
    readonly logitsBias: Float32Array;
  };
}

/** Weights of a layer, as in `GatedLayer`; null for weights that the layer lacks. */
export interface LayerWeights {
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
  readonly residualKernel: Float32Array | null;
  readonly residualBias: Float32Array | null;
  readonly skipKernel: Float32Array;
  readonly skipBias: Float32Array;
  readonly conditioningKernel: Float32Array | null;
}

/**
 * Reads the weights of a model from any backend. The arrays may be the backend's own: copy them before training
 * continues.
 */
export async function readWeights({ input, stack, head }: WaveNet): Promise<WaveNetWeights> {
  return {
    table: await readTable(input),
    layers: await Promise.all(stack.layers.map(readLayer)),
    head: {
      hiddenKernel: await values(head.hiddenKernel),
      hiddenBias: await values(head.hiddenBias),
      logitsKernel: await values(head.logitsKernel),
      logitsBias: await values(head.logitsBias),
    },
  };
}

async function readTable({ table, affine, config }: SymbolInput): Promise<Float32Array> {
  if (table !== undefined) return values(table);
  const { symbols, channels } = config;
  const [kernel, bias] = [await values(affine!.kernel), await values(affine!.bias)];
  const half = symbols / 2;
  return Float32Array.from({ length: symbols * channels }, (_, i) => {
    const symbol = Math.floor(i / channels);
    return ((symbol - half) / half) * kernel[i % channels] + bias[i % channels];
  });
}

async function readLayer(layer: GatedLayer): Promise<LayerWeights> {
  const optional = (tensor?: tf.Tensor): Promise<Float32Array> | null =>
    tensor === undefined ? null : values(tensor);
  return {
    kernel: await values(layer.kernel),
    bias: await values(layer.bias),
    residualKernel: await optional(layer.residualKernel),
    residualBias: await optional(layer.residualBias),
    skipKernel: await values(layer.skipKernel),
    skipBias: await values(layer.skipBias),
    conditioningKernel: await optional(layer.conditioningKernel),
  };
}

async function values(tensor: tf.Tensor): Promise<Float32Array> {
  return tensor.data<'float32'>();
}
