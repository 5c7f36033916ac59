import { fold, type RandomKey } from '@fermata/core';
import {
  assertInteger,
  assertShape,
  gatedStack,
  Module,
  uniformKernel,
  type GatedStackWeights,
  type Padding,
} from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';

import { receptiveField, type ReceptiveField } from './receptiveField';

/** The sizes of a stack of gated residual layers. */
export interface StackConfig {
  /** Timesteps between the taps, layer by layer. */
  readonly dilations: readonly number[];
  /** Taps of each dilated convolution. */
  readonly width: 2 | 3;
  /** Channels of the input and of the residual connections. */
  readonly channels: number;
  /** Units of each layer after its gate. */
  readonly gate: number;
  /** Channels of the skip connections, hence of the output. */
  readonly skip: number;
  readonly padding: Padding;
  /** Channels of the conditioning; absent: the stack takes none. */
  readonly conditioning?: number;
}

/** The weights of one layer of a stack. */
export class GatedLayer extends Module implements GatedStackWeights {
  readonly kernel: tf.Variable<tf.Rank.R3>;
  readonly bias: tf.Variable<tf.Rank.R1>;
  readonly residualKernel?: tf.Variable<tf.Rank.R2>;
  readonly residualBias?: tf.Variable<tf.Rank.R1>;
  readonly skipKernel: tf.Variable<tf.Rank.R2>;
  readonly skipBias: tf.Variable<tf.Rank.R1>;
  /** `[conditioning, 2·gate]` */
  readonly conditioningKernel?: tf.Variable<tf.Rank.R2>;

  constructor(config: StackConfig, last: boolean, key: RandomKey) {
    super();
    const { dilations, width, channels, gate, skip, conditioning } = config;
    const kernel = <R extends tf.Rank>(
      name: string,
      shape: readonly number[],
      gain?: number,
    ): tf.Variable<R> => this.weight(name, uniformKernel(fold(key, name), shape, gain) as tf.Tensor<R>);
    this.kernel = kernel('kernel', [width, channels, 2 * gate]);
    this.bias = this.weight('bias', tf.zeros<tf.Rank.R1>([2 * gate]));
    if (conditioning !== undefined) {
      this.conditioningKernel = kernel('conditioningKernel', [conditioning, 2 * gate]);
    }
    if (!last) {
      this.residualKernel = kernel('residualKernel', [gate, channels]);
      this.residualBias = this.weight('residualBias', tf.zeros<tf.Rank.R1>([channels]));
    }
    // The variance of the sum of all skip outputs, not of each, is that of one layer, however many there are.
    this.skipKernel = kernel('skipKernel', [gate, skip], 1 / dilations.length);
    this.skipBias = this.weight('skipBias', tf.zeros<tf.Rank.R1>([skip]));
  }
}

/**
 * Gated residual layers one upon another (van den Oord et al., 2016, figure 4): each passes its residual output on to
 * the next and adds its skip output to the output of the stack. Causal it is the body of a WaveNet, centred that of an
 * encoder or a modulator (figure 1 of the paper).
 */
export class GatedStack extends Module {
  readonly receptiveField: ReceptiveField;
  readonly layers: readonly GatedLayer[];

  /** @throws RangeError that prints the value and the rule it breaks */
  constructor(
    readonly config: StackConfig,
    key: RandomKey,
  ) {
    super();
    const { dilations, channels, gate, skip, conditioning } = config;
    if (dilations.length === 0)
      throw new RangeError('dilations is empty, but a stack has at least one layer');
    this.receptiveField = receptiveField(config);
    assertWidth(config.width);
    assertInteger(channels, 1, 'channels');
    assertInteger(gate, 1, 'gate');
    assertInteger(skip, 1, 'skip');
    if (conditioning !== undefined) assertInteger(conditioning, 1, 'conditioning');
    this.layers = dilations.map((_, index) => {
      const layer = new GatedLayer(config, index === dilations.length - 1, fold(key, index));
      return this.child(`layers/${index}`, layer);
    });
  }

  /**
   * The sum of the layers' skip outputs.
   *
   * @param x `[batch, time, channels]`
   * @param conditioning `[batch, time / hop, conditioning]`, each of its timesteps for `hop` timesteps of x
   * @returns `[batch, time, skip]`
   * @throws RangeError for shapes that do not fit, and for conditioning given to a stack that takes none or missing in
   * one that does
   */
  apply(x: tf.Tensor3D, conditioning?: tf.Tensor3D): tf.Tensor3D {
    const { dilations, channels, padding } = this.config;
    assertShape(x, ['batch', 'time', channels], 'x of a gated stack');
    this.assertConditioning(x, conditioning);
    return gatedStack(x, this.layers, { dilations, padding }, conditioning);
  }

  private assertConditioning(x: tf.Tensor3D, conditioning: tf.Tensor3D | undefined): void {
    const channels = this.config.conditioning;
    if (channels === undefined && conditioning !== undefined) {
      throw new RangeError(
        `conditioning of shape [${conditioning.shape.join(', ')}] is given, but none is configured`,
      );
    }
    if (channels === undefined) return;
    if (conditioning === undefined) {
      throw new RangeError(`conditioning of ${channels} channels is configured, but none is given`);
    }
    const [batch, time] = x.shape;
    const codes = conditioning.shape[1];
    assertShape(conditioning, [batch, codes, channels], 'conditioning');
    if (time % codes !== 0) {
      throw new RangeError(`conditioning has ${codes} timesteps, which do not divide the ${time} of x`);
    }
  }
}

// Types do not reach configurations read from files.
function assertWidth(width: number): void {
  if (width !== 2 && width !== 3) throw new RangeError(`width is ${width}, but must be 2 or 3`);
}
