import { fold, type RandomKey } from '@fermata/core';
import { assertShape, dense, meanPool, Module, uniformKernel } from '@fermata/tensor';
import {
  GatedStack,
  receptiveField,
  SymbolInput,
  type ReceptiveField,
  type StackSizes,
} from '@fermata/wavenet';
import * as tf from '@tensorflow/tfjs';

import type { EncoderConfig } from './settings';

/**
 * Encoder of figure 1, from symbols to one query for every `hop` symbols:
 *
 *   input map → gated centred layers → sum of skips → ReLU → dense → ReLU → mean over the hop → dense → query
 *
 * All layers run at the rate of the input, and the rate falls only at the output. This makes the features less
 * dependent on shifts in time, and noise harder to copy (section 3.3). The paper compares it with `downsampling:
 * 'input'`, which is hop times cheaper: a convolution of width and stride hop after the input map, and all layers at
 * the rate of the codes.
 *
 *   input map → convolution of stride hop → gated centred layers → sum of skips → ReLU → dense → ReLU → dense → query
 */
export class Encoder extends Module {
  /** Receptive field of a query, relative to the first of its `hop` symbols; the others count as its future. */
  readonly receptiveField: ReceptiveField;
  private readonly input: SymbolInput;
  private readonly stack: GatedStack;
  /** `[hop · channels, channels]`, if the rate falls at the input. */
  private readonly stride?: {
    readonly kernel: tf.Variable<tf.Rank.R2>;
    readonly bias: tf.Variable<tf.Rank.R1>;
  };
  private readonly hiddenKernel: tf.Variable<tf.Rank.R2>;
  private readonly hiddenBias: tf.Variable<tf.Rank.R1>;
  private readonly queryKernel: tf.Variable<tf.Rank.R2>;
  private readonly queryBias: tf.Variable<tf.Rank.R1>;

  /** @param config valid settings: the whole autoencoder checks its settings together */
  constructor(
    readonly config: EncoderConfig & { symbols: number; hop: number; queryDepth: number },
    key: RandomKey,
  ) {
    super();
    const { symbols, input, hop, channels, skip, queryDepth, downsampling = 'output' } = config;
    this.input = this.child('input', new SymbolInput({ symbols, input, channels }, fold(key, 'input')));
    this.stack = this.child('stack', new GatedStack(centred(config), fold(key, 'stack')));
    const kernel = (name: string, shape: readonly number[], gain: number): tf.Variable<tf.Rank.R2> =>
      this.weight(name, uniformKernel(fold(key, name), shape, gain) as tf.Tensor2D);
    if (downsampling === 'input') {
      this.stride = {
        kernel: kernel('stride/kernel', [hop * channels, channels], 1),
        bias: this.weight('stride/bias', tf.zeros<tf.Rank.R1>([channels])),
      };
    }
    this.hiddenKernel = kernel('head/hiddenKernel', [skip, skip], 2);
    this.hiddenBias = this.weight('head/hiddenBias', tf.zeros<tf.Rank.R1>([skip]));
    this.queryKernel = kernel('head/queryKernel', [skip, queryDepth], 1);
    this.queryBias = this.weight('head/queryBias', tf.zeros<tf.Rank.R1>([queryDepth]));
    this.receptiveField = encoderReceptiveField(config);
  }

  /**
   * Computes the queries of symbols.
   *
   * @param symbols int32 `[batch, time]`; time is a multiple of the hop
   * @returns the queries `[batch, time / hop, queryDepth]`
   * @throws RangeError if time is not a multiple of the hop
   */
  apply(symbols: tf.Tensor2D): tf.Tensor3D {
    return tf.tidy(() => {
      const { hop, channels } = this.config;
      let x = this.input.apply(symbols);
      if (this.stride !== undefined) {
        const [batch, time] = symbols.shape;
        const together = tf.reshape<tf.Rank.R3>(x, [batch, time / hop, hop * channels]);
        x = dense(together, this.stride.kernel, this.stride.bias);
      }
      const hidden = tf.relu(dense(tf.relu(this.stack.apply(x)), this.hiddenKernel, this.hiddenBias));
      // The mean of an affine map is the map of the mean, which is hop times cheaper.
      const features = this.stride === undefined ? meanPool(hidden, hop) : hidden;
      return dense(features, this.queryKernel, this.queryBias);
    });
  }
}

/** Receptive field of a query of an encoder: its layers, and the `hop` pooled symbols. */
export function encoderReceptiveField({
  dilations,
  downsampling = 'output',
  hop,
}: EncoderConfig & { readonly hop: number }): ReceptiveField {
  const { past, future } = receptiveField({ dilations, width: 3, padding: 'centred' });
  const timestepsPerStep = downsampling === 'input' ? hop : 1;
  return {
    past: past * timestepsPerStep,
    future: future * timestepsPerStep + hop - 1,
    total: (past + future) * timestepsPerStep + hop,
  };
}

/**
 * Modulator of figure 1: turns quantised queries into the conditioning of the local model, and sees codes on both
 * sides. Its output is the sum of the skips.
 */
export class Modulator extends Module {
  /** Receptive field of each timestep of the conditioning, in codes. */
  readonly receptiveField: ReceptiveField;
  private readonly inputKernel: tf.Variable<tf.Rank.R2>;
  private readonly inputBias: tf.Variable<tf.Rank.R1>;
  private readonly stack: GatedStack;

  /** @param config valid settings: the whole autoencoder checks its settings together */
  constructor(
    readonly config: StackSizes & { depth: number },
    key: RandomKey,
  ) {
    super();
    const { depth, channels } = config;
    const kernel = uniformKernel(fold(key, 'input'), [depth, channels]) as tf.Tensor2D;
    this.inputKernel = this.weight('input/kernel', kernel);
    this.inputBias = this.weight('input/bias', tf.zeros<tf.Rank.R1>([channels]));
    this.stack = this.child('stack', new GatedStack(centred(config), fold(key, 'stack')));
    this.receptiveField = this.stack.receptiveField;
  }

  /**
   * Computes the conditioning.
   *
   * @param quantised q' `[batch, codes, depth]`
   * @returns `[batch, codes, skip]`
   */
  apply(quantised: tf.Tensor3D): tf.Tensor3D {
    assertShape(quantised, ['batch', 'codes', this.config.depth], 'quantised');
    return tf.tidy(() => this.stack.apply(dense(quantised, this.inputKernel, this.inputBias)));
  }
}

function centred({ dilations, channels, gate, skip }: StackSizes): GatedStack['config'] {
  return { dilations, channels, gate, skip, width: 3, padding: 'centred' };
}
