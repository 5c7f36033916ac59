import { meanPool } from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';

import { negativeEntropy } from './codeUse';

/** The diversity loss of an AMAE (section 3.2), a function of p̄, the mean over batch and time of p on the simplex. */
export interface DiversityConfig {
  /**
   * - `'squared-sum'`: Σᵢ (k · p̄ᵢ − 1)², the paper's L₂ loss
   * - `'squared-mean'`: the same sum divided by k
   * - `'negative-entropy'`: Σᵢ p̄ᵢ log p̄ᵢ = −H(p̄), in nats. The paper's formula has one minus sign too many and would
   *   minimise the entropy, but its text says that the loss maximises it
   */
  readonly kind: 'squared-sum' | 'squared-mean' | 'negative-entropy';
  /** ν, the weight of the loss. */
  readonly nu: number;
}

const losses = {
  'squared-sum': (mean: tf.Tensor1D) => tf.sum<tf.Scalar>(squares(mean)),
  'squared-mean': (mean: tf.Tensor1D) => tf.mean<tf.Scalar>(squares(mean)),
  'negative-entropy': negativeEntropy,
};

/**
 * The diversity loss times ν. It is lowest if all codes are equally frequent: 0 for the squared losses and −ν log k for the
 * negative entropy.
 *
 * @param p `[batch, time, codes]`, on the simplex
 */
export function diversity(p: tf.Tensor3D, { kind, nu }: DiversityConfig): tf.Scalar {
  const [batch, time, codes] = p.shape;
  return tf.tidy(() => {
    const positions = batch * time;
    const mean = meanPool(tf.reshape<tf.Rank.R3>(p, [1, positions, codes]), positions);
    return tf.mul<tf.Scalar>(nu, losses[kind](tf.reshape<tf.Rank.R1>(mean, [codes])));
  });
}

/** Checks a configuration. @throws RangeError with the value and the rule it breaks */
export function assertDiversity({ kind, nu }: DiversityConfig): void {
  if (!(kind in losses)) {
    throw new RangeError(`diversity.kind is ${kind}, but must be one of ${Object.keys(losses).join(', ')}`);
  }
  if (!(nu >= 0)) throw new RangeError(`diversity.nu is ${nu}, but must be at least 0`);
}

// (k · p̄ᵢ − 1)²
function squares(mean: tf.Tensor1D): tf.Tensor1D {
  return tf.square(tf.sub<tf.Tensor1D>(tf.mul(mean, mean.size), 1));
}
