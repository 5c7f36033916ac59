import { fold, type RandomKey } from '@fermata/core';
import { assertInteger, assertShape, dense, meanPool, Module, uniformKernel } from '@fermata/tensor';
import { GatedStack, SymbolInput, type InputFormat, type ReceptiveField } from '@fermata/wavenet';
import * as tf from '@tensorflow/tfjs';

/** The sizes of a centred stack of gated layers of width 3. */
export interface CentredStackConfig {
  /** Timesteps between the taps, layer by layer. */
  readonly dilations: readonly number[];
  /** Channels of the residual connections. */
  readonly channels: number;
  /** Units of each layer after its gate. */
  readonly gate: number;
  /** Channels of the skip connections. */
  readonly skip: number;
}

export interface EncoderConfig extends CentredStackConfig {
  /** How symbols enter: as one real number each, or as one-hot vectors. */
  readonly input: InputFormat;
}

/**
 * The encoder of figure 1: from symbols to one query for every `hop` of them.
 *
 *   input map → gated centred layers → sum of skips → ReLU → dense → ReLU → mean over the hop → dense → query
 *
 * All layers run at the rate of the input and the rate falls at the output alone, which makes what they learn less
 * dependent on shifts in time and noise harder to copy (section 3.3).
 */
export class Encoder extends Module {
  /** What a query sees, relative to the first of its `hop` symbols; the others count as its future. */
  readonly receptiveField: ReceptiveField;
  private readonly input: SymbolInput;
  private readonly stack: GatedStack;
  private readonly hiddenKernel: tf.Variable<tf.Rank.R2>;
  private readonly hiddenBias: tf.Variable<tf.Rank.R1>;
  private readonly queryKernel: tf.Variable<tf.Rank.R2>;
  private readonly queryBias: tf.Variable<tf.Rank.R1>;

  /** @throws RangeError that prints the value and the rule it breaks */
  constructor(
    readonly config: EncoderConfig & { symbols: number; hop: number; queryDepth: number },
    key: RandomKey,
  ) {
    super();
    const { symbols, input, hop, channels, skip, queryDepth } = config;
    assertInteger(hop, 1, 'hop');
    this.input = this.child('input', new SymbolInput({ symbols, input, channels }, fold(key, 'input')));
    this.stack = this.child('stack', new GatedStack(centred(config), fold(key, 'stack')));
    const kernel = (name: string, shape: readonly number[], gain: number): tf.Variable<tf.Rank.R2> =>
      this.weight(name, uniformKernel(fold(key, name), shape, gain) as tf.Tensor2D);
    this.hiddenKernel = kernel('head/hiddenKernel', [skip, skip], 2);
    this.hiddenBias = this.weight('head/hiddenBias', tf.zeros<tf.Rank.R1>([skip]));
    this.queryKernel = kernel('head/queryKernel', [skip, queryDepth], 1);
    this.queryBias = this.weight('head/queryBias', tf.zeros<tf.Rank.R1>([queryDepth]));
    const { past, future, total } = this.stack.receptiveField;
    this.receptiveField = { past, future: future + hop - 1, total: total + hop - 1 };
  }

  /**
   * @param symbols int32 `[batch, time]`; time is a multiple of the hop
   * @returns the queries `[batch, time / hop, queryDepth]`
   * @throws RangeError when time is not a multiple of the hop
   */
  apply(symbols: tf.Tensor2D): tf.Tensor3D {
    return tf.tidy(() => {
      const skips = this.stack.apply(this.input.apply(symbols));
      const hidden = tf.relu(dense(tf.relu(skips), this.hiddenKernel, this.hiddenBias));
      // The mean of an affine map is the map of the mean, which is hop times cheaper.
      return dense(meanPool(hidden, this.config.hop), this.queryKernel, this.queryBias);
    });
  }
}

/**
 * The modulator of figure 1: it turns quantised queries into the conditioning of the local model, seeing codes on both
 * sides. Its output is the sum of the skips.
 */
export class Modulator extends Module {
  /** What each timestep of the conditioning sees, in codes. */
  readonly receptiveField: ReceptiveField;
  private readonly inputKernel: tf.Variable<tf.Rank.R2>;
  private readonly inputBias: tf.Variable<tf.Rank.R1>;
  private readonly stack: GatedStack;

  /** @throws RangeError that prints the value and the rule it breaks */
  constructor(
    readonly config: CentredStackConfig & { depth: number },
    key: RandomKey,
  ) {
    super();
    const { depth, channels } = config;
    assertInteger(depth, 1, 'depth');
    assertInteger(channels, 1, 'channels');
    const kernel = uniformKernel(fold(key, 'input'), [depth, channels]) as tf.Tensor2D;
    this.inputKernel = this.weight('input/kernel', kernel);
    this.inputBias = this.weight('input/bias', tf.zeros<tf.Rank.R1>([channels]));
    this.stack = this.child('stack', new GatedStack(centred(config), fold(key, 'stack')));
    this.receptiveField = this.stack.receptiveField;
  }

  /**
   * @param quantised q' `[batch, codes, depth]`
   * @returns `[batch, codes, skip]`
   */
  apply(quantised: tf.Tensor3D): tf.Tensor3D {
    assertShape(quantised, ['batch', 'codes', this.config.depth], 'quantised');
    return tf.tidy(() => this.stack.apply(dense(quantised, this.inputKernel, this.inputBias)));
  }
}

function centred({ dilations, channels, gate, skip }: CentredStackConfig): GatedStack['config'] {
  return { dilations, channels, gate, skip, width: 3, padding: 'centred' };
}
