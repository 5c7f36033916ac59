import {
  assertInteger,
  assertShape,
  divisiveNormalisation,
  Module,
  oneHot,
  straightThrough,
} from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';

import { codeUse, quantisationError } from './codeUse';
import type { Quantised, Quantiser } from './quantiser';
import { withoutGradient } from './withoutGradient';

/** The bottleneck of an argmax autoencoder (section 3.2). */
export interface ArgmaxQuantiserConfig {
  readonly kind: 'argmax';
  /** k, the number of codes and of channels of the queries. */
  readonly codes: number;
  /** ν, the weight of the diversity loss, which is a sum over the codes. */
  readonly nu: number;
  /** ε of the divisive normalisation; 1e-5 where absent. */
  readonly epsilon?: number;
}

/**
 * The quantiser of the AMAE (section 3.2): queries are brought onto the simplex and become the nearest one-hot vector.
 *
 *   p  = ReLU(q) / (Σⱼ ReLU(qⱼ) + ε)                       (footnote 3)
 *   y  = argmaxᵢ pᵢ,  q' = one-hot(y),  ∂q'/∂p = 1 (straight-through)
 *   loss = ν · Σᵢ (k · p̄ᵢ − 1)²,  p̄ the mean of p over batch and time     (equation 2)
 *
 * It learns nothing but by gradient.
 */
export class ArgmaxQuantiser extends Module implements Quantiser {
  readonly symbols: number;
  readonly queryDepth: number;
  readonly depth: number;
  private readonly epsilon: number;

  /** @throws RangeError that prints the value and the rule it breaks */
  constructor(readonly config: ArgmaxQuantiserConfig) {
    super();
    const { codes, nu, epsilon = 1e-5 } = config;
    assertInteger(codes, 2, 'codes');
    if (!(nu >= 0)) throw new RangeError(`nu is ${nu}, but must be at least 0`);
    if (!(epsilon > 0)) throw new RangeError(`epsilon is ${epsilon}, but must be positive`);
    this.symbols = codes;
    this.queryDepth = codes;
    this.depth = codes;
    this.epsilon = epsilon;
  }

  /**
   * @param query `[batch, time, codes]`, of either sign
   * @returns the loss `diversity`; no statistics
   */
  quantise(query: tf.Tensor3D): Quantised {
    assertShape(query, ['batch', 'time', this.queryDepth], 'query');
    return tf.tidy(() => {
      const simplex = divisiveNormalisation(query, this.epsilon);
      const codes = withoutGradient(() => tf.argMax<tf.Tensor2D>(simplex, 2));
      const quantised = this.lookup(codes);
      const counts = tf.sum<tf.Tensor1D>(quantised, [0, 1]);
      return {
        quantised: straightThrough(simplex, quantised),
        codes,
        losses: { diversity: tf.mul<tf.Scalar>(this.config.nu, squaredDiversity(simplex)) },
        metrics: { ...codeUse(counts), quantisationError: quantisationError(simplex, quantised) },
        statistics: {},
      };
    });
  }

  /** @returns one-hot `[batch, time, codes]` */
  lookup(codes: tf.Tensor2D): tf.Tensor3D {
    return oneHot(codes, this.symbols) as tf.Tensor3D;
  }

  update(): void {
    // Everything here is learnt by gradient.
  }

  initialise(): void {
    // There is no codebook.
  }
}

/**
 * The L₂ diversity loss of section 3.2, Σᵢ (k · p̄ᵢ − 1)²: the sum over the k codes of how far the mean over batch and
 * time is from uniform.
 *
 * @param simplex `[batch, time, codes]`
 */
export function squaredDiversity(simplex: tf.Tensor3D): tf.Scalar {
  return tf.tidy(() => {
    const mean = tf.mean(simplex, [0, 1]);
    return tf.sum<tf.Scalar>(tf.square(tf.sub(tf.mul(mean, simplex.shape[2]), 1)));
  });
}
