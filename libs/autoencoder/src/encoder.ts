import { fold, type RandomKey } from '@fermata/core';
import { assertInteger, assertShape, dense, meanPool, Module, uniformKernel } from '@fermata/tensor';
import {
  GatedStack,
  receptiveField,
  SymbolInput,
  type InputFormat,
  type ReceptiveField,
} from '@fermata/wavenet';
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

/** Where an encoder lowers the rate from symbols to codes: at its output, as in the paper, or at its input. */
export const downsamplings = ['output', 'input'] as const;
export type Downsampling = (typeof downsamplings)[number];

export interface EncoderConfig extends CentredStackConfig {
  /** How symbols enter: as one real number each, or as one-hot vectors. */
  readonly input: InputFormat;
  /** Default `output`. With `input`, dilations are in codes. */
  readonly downsampling?: Downsampling;
}

/**
 * The encoder of figure 1: from symbols to one query for every `hop` of them.
 *
 *   input map → gated centred layers → sum of skips → ReLU → dense → ReLU → mean over the hop → dense → query
 *
 * All layers run at the rate of the input and the rate falls at the output alone, which makes what they learn less
 * dependent on shifts in time and noise harder to copy (section 3.3). What the paper compares that with is
 * `downsampling: 'input'`, hop times cheaper: a convolution of width and stride hop behind the input map, and all layers
 * at the rate of the codes.
 *
 *   input map → convolution of stride hop → gated centred layers → sum of skips → ReLU → dense → ReLU → dense → query
 */
export class Encoder extends Module {
  /** What a query sees, relative to the first of its `hop` symbols; the others count as its future. */
  readonly receptiveField: ReceptiveField;
  private readonly input: SymbolInput;
  private readonly stack: GatedStack;
  /** `[hop · channels, channels]`, where the rate falls at the input. */
  private readonly stride?: {
    readonly kernel: tf.Variable<tf.Rank.R2>;
    readonly bias: tf.Variable<tf.Rank.R1>;
  };
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
    const { symbols, input, hop, channels, skip, queryDepth, downsampling = 'output' } = config;
    assertInteger(hop, 1, 'hop');
    assertDownsampling(downsampling);
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
   * @param symbols int32 `[batch, time]`; time is a multiple of the hop
   * @returns the queries `[batch, time / hop, queryDepth]`
   * @throws RangeError when time is not a multiple of the hop
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

/** What a query of an encoder sees: its layers, and the `hop` symbols that are pooled. */
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

// Types do not reach configurations read from files.
function assertDownsampling(value: string): void {
  if (!(downsamplings as readonly string[]).includes(value)) {
    throw new RangeError(`encoder.downsampling is ${value}, but must be one of ${downsamplings.join(', ')}`);
  }
}

function centred({ dilations, channels, gate, skip }: CentredStackConfig): GatedStack['config'] {
  return { dilations, channels, gate, skip, width: 3, padding: 'centred' };
}
