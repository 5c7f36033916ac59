import type { Hyperparameter, RandomKey } from '@fermata/core';
import type * as tf from '@tensorflow/tfjs';

/** The results of a model on one batch. The caller disposes of all tensors. */
export interface LossResult {
  /** Loss that the optimiser minimises. */
  readonly loss: tf.Scalar;
  /** Numbers to log by name, in nats for likelihoods: `nll`, `commitment`, … */
  readonly metrics: Readonly<Record<string, tf.Scalar>>;
  /** Input of `update` from this batch, such as the sums of queries by code. */
  readonly statistics?: tf.NamedTensorMap;
}

/** A model in the training loop. */
export interface Trainable {
  /** Variables that the optimiser trains, by path such as `encoder/layer3/kernel`. */
  weights(): ReadonlyMap<string, tf.Variable>;
  /** Variables that `initialise` and `update` set, by path: codebooks, moving sums, counts. */
  state(): ReadonlyMap<string, tf.Variable>;
  /** Numbers that may change between steps, by path, such as `quantiser/alpha`. */
  hyperparameters?(): ReadonlyMap<string, Hyperparameter>;
  /**
   * Computes the loss of a batch: a pure function of the batch, the weights, the state and the hyper-parameters. It is
   * called while gradients are recorded.
   *
   * @param batch int32 symbols `[batch, time]`
   */
  loss(batch: tf.Tensor2D): LossResult;
  /** Updates the state from the statistics of a batch, after the optimiser has updated the weights. */
  update?(statistics: tf.NamedTensorMap, key: RandomKey): void;
  /** Sets state that depends on data, such as a codebook, once and before the first step. */
  initialise?(batch: tf.Tensor2D, key: RandomKey): void;
}
