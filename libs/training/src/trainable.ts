import type { RandomKey } from '@fermata/core';
import type * as tf from '@tensorflow/tfjs';

/** What a model computes from one batch. All tensors belong to the caller, who disposes them. */
export interface LossResult {
  /** What the optimiser makes smaller. */
  readonly loss: tf.Scalar;
  /** What is worth logging, by name and in nats where it is a likelihood: `nll`, `commitment`, … */
  readonly metrics: Readonly<Record<string, tf.Scalar>>;
  /** What `update` needs of this batch, such as the sums of queries by code. */
  readonly statistics?: tf.NamedTensorMap;
}

/** A model as the training loop sees it. */
export interface Trainable {
  /** The variables that the optimiser moves, by path such as `encoder/layer3/kernel`. */
  weights(): ReadonlyMap<string, tf.Variable>;
  /** The variables that `initialise` and `update` move, by path: codebooks, moving sums, counts. */
  state(): ReadonlyMap<string, tf.Variable>;
  /**
   * The loss of a batch: a pure function of the batch, the weights and the state. It is called while gradients are
   * recorded.
   *
   * @param batch int32 symbols `[batch, time]`
   */
  loss(batch: tf.Tensor2D): LossResult;
  /** Moves the state by the statistics of a batch, after the optimiser has moved the weights. */
  update?(statistics: tf.NamedTensorMap, key: RandomKey): void;
  /** Sets what depends on data, such as a codebook, once and before the first step. */
  initialise?(batch: tf.Tensor2D, key: RandomKey): void;
}
