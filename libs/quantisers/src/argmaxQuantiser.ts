import {
  assertInteger,
  assertShape,
  divisiveNormalisation,
  Module,
  oneHot,
  straightThrough,
} from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';

import { codeUse } from './codeUse';
import { CodeWindow } from './codeWindow';
import { assertDiversity, diversity, type DiversityConfig } from './diversity';
import type { Quantised, Quantiser } from './quantiser';
import { softmax } from './softmax';
import { squaredError } from './squaredError';
import { withoutGradient } from './withoutGradient';

/** The bottleneck of an argmax autoencoder (section 3.2). */
export interface ArgmaxQuantiserConfig {
  readonly kind: 'argmax';
  /** k, the number of codes and also of channels of the queries. */
  readonly codes: number;
  /** The map from queries to the simplex. Default: `'relu'`, with divisive normalisation. */
  readonly simplex?: 'relu' | 'softmax';
  readonly diversity: DiversityConfig;
  /** β, the weight of a commitment loss, which is a sum over codes and a mean over batch and time. Default: no such loss. */
  readonly beta?: number;
  /** ε of the divisive normalisation, only for `'relu'`. Default: 1e-5. */
  readonly epsilon?: number;
}

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
  readonly isDiscrete = true;
  readonly symbols: number;
  readonly queryDepth: number;
  readonly depth: number;
  private readonly window: CodeWindow;

  /** @throws RangeError with the value and the rule it breaks */
  constructor(readonly config: ArgmaxQuantiserConfig) {
    super();
    assertConfig(config);
    const { codes } = config;
    this.symbols = codes;
    this.queryDepth = codes;
    this.depth = codes;
    this.window = this.child('window', new CodeWindow(codes));
  }

  /**
   * @param query `[batch, time, codes]`, of either sign
   * @returns the loss `diversity`, with a β also `commitment`; the statistics `counts` `[codes]`
   */
  quantise(query: tf.Tensor3D): Quantised {
    assertShape(query, ['batch', 'time', this.queryDepth], 'query');
    const { simplex = 'relu', epsilon = 1e-5, beta } = this.config;
    return tf.tidy(() => {
      const p = simplex === 'softmax' ? softmax(query) : divisiveNormalisation(query, epsilon);
      const codes = withoutGradient(() => tf.argMax<tf.Tensor2D>(p, 2));
      const quantised = this.lookup(codes);
      const error = squaredError(p, quantised);
      const losses: Record<string, tf.Scalar> = { diversity: diversity(p, this.config.diversity) };
      if (beta !== undefined) losses.commitment = tf.mul<tf.Scalar>(beta, error);
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

  /** @returns one-hot `[batch, time, codes]` */
  lookup(codes: tf.Tensor2D): tf.Tensor3D {
    return oneHot(codes, this.symbols) as tf.Tensor3D;
  }

  update({ counts }: tf.NamedTensorMap): void {
    this.window.update(counts as tf.Tensor1D);
  }

  initialise(): void {
    // This quantiser has no codebook.
  }
}

function assertConfig({ codes, simplex = 'relu', diversity, beta, epsilon }: ArgmaxQuantiserConfig): void {
  assertInteger(codes, 2, 'codes');
  if (!['relu', 'softmax'].includes(simplex)) {
    throw new RangeError(`simplex is ${simplex}, but must be 'relu' or 'softmax'`);
  }
  assertDiversity(diversity);
  if (beta !== undefined && !(beta >= 0)) throw new RangeError(`beta is ${beta}, but must be at least 0`);
  if (epsilon === undefined) return;
  if (simplex === 'softmax') {
    throw new RangeError(`epsilon is ${epsilon}, but is only for the simplex 'relu', not 'softmax'`);
  }
  if (!(epsilon > 0)) throw new RangeError(`epsilon is ${epsilon}, but must be positive`);
}
