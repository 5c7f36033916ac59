import { fold, type RandomKey } from '@fermata/core';
import { embeddingLookup, Module, normalTensor, scalarInput, uniformKernel } from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';

import type { InputFormat } from './settings';

export interface SymbolInputConfig {
  /** Size of the alphabet: symbols are 0 … symbols − 1. */
  readonly symbols: number;
  readonly input: InputFormat;
  /** Channels for each symbol. */
  readonly channels: number;
}

/**
 * The first map of a network, from symbols to channels.
 *
 * - `continuous`: the value (symbol − symbols/2) / (symbols/2), in [−1, 1), times a kernel, plus a bias;
 * - `one-hot`: a row of a table for each symbol, which is the product of its one-hot vector with the table.
 */
export class SymbolInput extends Module {
  /** `[1, channels]` and `[channels]`, for continuous input. */
  readonly affine?: { readonly kernel: tf.Variable<tf.Rank.R2>; readonly bias: tf.Variable<tf.Rank.R1> };
  /** `[symbols, channels]`, for one-hot input. */
  readonly table?: tf.Variable<tf.Rank.R2>;

  /** @param deviation standard deviation of the table at the start */
  constructor(
    readonly config: SymbolInputConfig,
    key: RandomKey,
    deviation = 1,
  ) {
    super();
    const { symbols, input, channels } = config;
    if (input === 'one-hot') {
      this.table = this.weight(
        'table',
        normalTensor(fold(key, 'table'), [symbols, channels], deviation) as tf.Tensor2D,
      );
    } else {
      this.affine = {
        kernel: this.weight('kernel', uniformKernel(fold(key, 'kernel'), [1, channels]) as tf.Tensor2D),
        bias: this.weight('bias', tf.zeros<tf.Rank.R1>([channels])),
      };
    }
  }

  /**
   * Computes the channels of symbols.
   *
   * @param symbols int32 `[batch, time]`
   * @param options.delay timesteps to shift later; zeros in every channel come first
   * @returns `[batch, time, channels]`
   */
  apply(symbols: tf.Tensor2D, { delay = 0 }: { readonly delay?: number } = {}): tf.Tensor3D {
    if (this.table !== undefined) return embeddingLookup(symbols, this.table, delay);
    const { kernel, bias } = this.affine!;
    return scalarInput(symbols, this.config.symbols / 2, kernel, bias, delay);
  }
}
