import { fold, type RandomKey } from '@fermata/core';
import {
  assertInteger,
  embeddingLookup,
  Module,
  normalTensor,
  scalarInput,
  uniformKernel,
} from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';

/** How symbols enter a network: as one real number each, or as one-hot vectors (section 4.1). */
export const inputFormats = ['continuous', 'one-hot'] as const;
export type InputFormat = (typeof inputFormats)[number];

export interface SymbolInputConfig {
  /** Size of the alphabet: symbols are 0 … symbols − 1. */
  readonly symbols: number;
  readonly input: InputFormat;
  /** Channels made of each symbol. */
  readonly channels: number;
}

/**
 * The first map of a network, from symbols to channels.
 *
 * - `continuous`: the value (symbol − symbols/2) / (symbols/2), in [−1, 1), times a kernel, plus a bias;
 * - `one-hot`: a row of a table for each symbol, which is the product of its one-hot vector with the table.
 */
export class SymbolInput extends Module {
  /** `[1, channels]` and `[channels]`: continuous. */
  readonly affine?: { readonly kernel: tf.Variable<tf.Rank.R2>; readonly bias: tf.Variable<tf.Rank.R1> };
  /** `[symbols, channels]`: one-hot. */
  readonly table?: tf.Variable<tf.Rank.R2>;

  /**
   * @param deviation standard deviation of the table at the start
   * @throws RangeError that prints the value and the rule it breaks
   */
  constructor(
    readonly config: SymbolInputConfig,
    key: RandomKey,
    deviation = 1,
  ) {
    super();
    const { symbols, input, channels } = config;
    assertInteger(symbols, 2, 'symbols');
    assertInteger(channels, 1, 'channels');
    if (!inputFormats.includes(input)) {
      throw new RangeError(`input is ${input as string}, but must be one of ${inputFormats.join(', ')}`);
    }
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
   * @param symbols int32 `[batch, time]`
   * @param options.delay timesteps by which everything is later; nothing, zeros in every channel, comes first
   * @returns `[batch, time, channels]`
   */
  apply(symbols: tf.Tensor2D, { delay = 0 }: { readonly delay?: number } = {}): tf.Tensor3D {
    if (this.table !== undefined) return embeddingLookup(symbols, this.table, delay);
    const { kernel, bias } = this.affine!;
    return scalarInput(symbols, this.config.symbols / 2, kernel, bias, delay);
  }
}
