import { meanPool } from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';

import { negativeEntropy } from './codeUse';

/**
 * The diversity loss of an AMAE (section 3.2) of p̄, the mean over batch and time of the queries on the simplex:
 *
 * - `'squared-sum'`: Σᵢ (k · p̄ᵢ − 1)², the paper's L₂ loss
 * - `'squared-mean'`: its mean over the k codes, that sum divided by k
 * - `'negative-entropy'`: Σᵢ p̄ᵢ log p̄ᵢ = −H(p̄), in nats, a sum. The paper's formula has one minus too many, by which it
 *   would minimise the entropy that its text says is maximised
 */
export const diversitySettings = z.strictObject({
  kind: z
    .enum(['squared-sum', 'squared-mean', 'negative-entropy'])
    .describe(
      'diversity loss: the squared L₂ distance from equal use, its mean over the codes, or minus the entropy',
    ),
  nu: z.number().min(0).describe('ν, weight of the diversity loss'),
});
export type DiversityConfig = Readonly<z.output<typeof diversitySettings>>;

const losses = {
  'squared-sum': (mean: tf.Tensor1D) => tf.sum<tf.Scalar>(squares(mean)),
  'squared-mean': (mean: tf.Tensor1D) => tf.mean<tf.Scalar>(squares(mean)),
  'negative-entropy': negativeEntropy,
};

/**
 * The diversity loss times ν. It is lowest if all codes are equally frequent: 0 for the squared losses and −ν log k for the
 * negative entropy.
 *
 * @param p `[batch, time, codebookSize]`, on the simplex
 */
export function diversity(p: tf.Tensor3D, { kind, nu }: DiversityConfig): tf.Scalar {
  const [batch, time, codebookSize] = p.shape;
  return tf.tidy(() => {
    const positions = batch * time;
    const mean = meanPool(tf.reshape<tf.Rank.R3>(p, [1, positions, codebookSize]), positions);
    return tf.mul<tf.Scalar>(nu, losses[kind](tf.reshape<tf.Rank.R1>(mean, [codebookSize])));
  });
}

// (k · p̄ᵢ − 1)²
function squares(mean: tf.Tensor1D): tf.Tensor1D {
  return tf.square(tf.sub<tf.Tensor1D>(tf.mul(mean, mean.size), 1));
}
