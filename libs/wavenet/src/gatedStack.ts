import { fold, parseSettings, type RandomKey } from '@fermata/core';
import { assertShape, gatedStack, Module, uniformKernel, type GatedStackWeights } from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';

import { receptiveField, type ReceptiveField } from './receptiveField';
import { stackSettings, type StackConfig } from './settings';

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
    // Keeps the variance of the sum of all skip outputs at that of one layer, for any number of layers.
    this.skipKernel = kernel('skipKernel', [gate, skip], 1 / dilations.length);
    this.skipBias = this.weight('skipBias', tf.zeros<tf.Rank.R1>([skip]));
  }
}

/**
 * Stack of gated residual layers (van den Oord et al., 2016, figure 4): each layer passes its residual output to the
 * next and adds its skip output to the output of the stack. A causal stack is the body of a WaveNet, a centred one that
 * of an encoder or a modulator (figure 1 of the paper).
 */
export class GatedStack extends Module {
  readonly receptiveField: ReceptiveField;
  readonly layers: readonly GatedLayer[];

  readonly config: StackConfig;

  /**
   * @throws UserError that names the setting, the value and the broken rule
   * @throws RangeError for a centred stack of even width
   */
  constructor(settings: StackConfig, key: RandomKey) {
    super();
    const config = parseSettings(stackSettings, settings, 'stack');
    this.config = config;
    this.receptiveField = receptiveField(config);
    this.layers = config.dilations.map((_, index) => {
      const layer = new GatedLayer(config, index === config.dilations.length - 1, fold(key, index));
      return this.child(`layers/${index}`, layer);
    });
  }

  /**
   * Computes the sum of the layers' skip outputs.
   *
   * @param x `[batch, time, channels]`
   * @param conditioning `[batch, time / hop, conditioning]`, each timestep for `hop` timesteps of x
   * @returns `[batch, time, skip]`
   * @throws RangeError for shapes that do not fit, and if conditioning is given but not configured, or configured but
   *   missing
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
