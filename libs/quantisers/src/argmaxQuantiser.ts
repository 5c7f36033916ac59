import { Hyperparameter, parseSettings } from '@fermata/core';
import { free } from '@fermata/models';
import { assertShape, divisiveNormalisation, Module, oneHot, straightThrough } from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';

import { codeUse } from './codeUse';
import { CodeWindow } from './codeWindow';
import { diversity, diversitySettings } from './diversity';
import type { Quantised, Quantiser, QuantiserKind } from './quantiser';
import { softmax } from './softmax';
import { squaredError } from './squaredError';
import { withoutGradient } from './withoutGradient';

const shared = {
  kind: z.literal('argmax').describe('kind of the bottleneck'),
  codebookSize: z
    .int()
    .min(2)
    .max(65_536)
    .describe('k, size of the codebook and number of channels of the queries'),
  diversity: diversitySettings,
  beta: z.exactOptional(
    z
      .number()
      .min(0)
      .describe(
        'β, weight of a commitment loss, a sum over the codes and a mean over batch and time; absent: none',
      ),
  ),
};
const simplex = 'how queries are brought onto the simplex: ReLU with divisive normalisation, or a softmax';

/** The bottleneck of an argmax autoencoder (section 3.2). */
export const argmaxQuantiserSettings = z.discriminatedUnion('simplex', [
  z.strictObject({
    ...shared,
    simplex: z.literal('relu').describe(simplex).default('relu'),
    epsilon: z.number().gt(0).describe('ε of the divisive normalisation').default(1e-5),
  }),
  z.strictObject({ ...shared, simplex: z.literal('softmax').describe(simplex) }),
]);
export type ArgmaxQuantiserConfig = Readonly<z.input<typeof argmaxQuantiserSettings>>;

/**
 * The quantiser of the AMAE (section 3.2), which maps queries to the simplex and then to the nearest one-hot vector.
 *
 *   p  = ReLU(q) / (Σⱼ ReLU(qⱼ) + ε)   (footnote 3),   or softmax(q)
 *   y  = argmaxᵢ pᵢ,  q' = one-hot(y),  ∂q'/∂p = 1 (straight-through)
 *   loss = ν · diversity of p̄, the mean of p over batch and time     (equation 2)
 *        + β · mean over batch and time of Σᵢ ([q'ᵢ] − pᵢ)²          (only with a β)
 *
 * It learns by gradient only.
 */
export class ArgmaxQuantiser extends Module implements Quantiser {
  readonly codebookSize: number;
  readonly config: z.output<typeof argmaxQuantiserSettings>;
  readonly queryDepth: number;
  readonly depth: number;
  private readonly window: CodeWindow;

  private readonly nu: Hyperparameter;
  private readonly beta: Hyperparameter | undefined;

  /** @throws UserError that names the setting, the value and the rule it breaks */
  constructor(settings: ArgmaxQuantiserConfig) {
    super();
    const config = parseSettings(argmaxQuantiserSettings, settings, 'quantiser');
    const { codebookSize } = config;
    this.config = config;
    this.codebookSize = codebookSize;
    this.queryDepth = codebookSize;
    this.depth = codebookSize;
    this.window = this.child('window', new CodeWindow(codebookSize));
    const nu = new Hyperparameter(diversitySettings.shape.nu, config.diversity.nu);
    this.nu = this.hyperparameter('nu', nu);
    if (config.beta !== undefined) {
      this.beta = this.hyperparameter('beta', new Hyperparameter(shared.beta.def.innerType, config.beta));
    }
  }

  /**
   * @param query `[batch, time, codebookSize]`, of either sign
   * @returns the loss `diversity`, with a β also `commitment`; the statistics `counts` `[codebookSize]`
   */
  quantise(query: tf.Tensor3D): Quantised {
    assertShape(query, ['batch', 'time', this.queryDepth], 'query');
    const { config, beta } = this;
    return tf.tidy(() => {
      const p = config.simplex === 'softmax' ? softmax(query) : divisiveNormalisation(query, config.epsilon);
      const codes = withoutGradient(() => tf.argMax<tf.Tensor2D>(p, 2));
      const quantised = this.lookup(codes);
      const error = squaredError(p, quantised);
      const losses: Record<string, tf.Scalar> = {
        diversity: diversity(p, { kind: config.diversity.kind, nu: this.nu.value }),
      };
      if (beta !== undefined) losses.commitment = tf.mul<tf.Scalar>(beta.value, error);
      const counts = tf.sum<tf.Tensor1D>(quantised, [0, 1]);
      return {
        quantised: straightThrough(p, quantised),
        codes,
        losses,
        metrics: { ...codeUse(counts), ...this.window.metrics(counts), quantisationError: error },
        statistics: { counts },
      };
    });
  }

  /** @returns one-hot `[batch, time, codebookSize]` */
  lookup(codes: tf.Tensor2D): tf.Tensor3D {
    return oneHot(codes, this.codebookSize) as tf.Tensor3D;
  }

  update({ counts }: tf.NamedTensorMap): void {
    this.window.update(counts as tf.Tensor1D);
  }

  initialise(): void {
    // This quantiser has no codebook.
  }
}

/** The description of the AMAE's quantiser. */
export const argmaxQuantiserKind: QuantiserKind<ArgmaxQuantiserConfig> = {
  create: (config) => new ArgmaxQuantiser(config),
  describe: ({ codebookSize }) => ({
    codebookSize,
    queryDepth: codebookSize,
    depth: codebookSize,
    cost: free,
  }),
};
