import type { RandomKey } from '@fermata/core';
import type { Cost } from '@fermata/models';
import type { Module } from '@fermata/tensor';
import type * as tf from '@tensorflow/tfjs';

/** The result of quantising a batch of queries. The caller disposes of every tensor. */
export interface Quantised {
  /** q' `[batch, time, depth]`; its gradient goes straight through to the query. */
  readonly quantised: tf.Tensor3D;
  /** y, int32 `[batch, time]`, each 0 … codebookSize − 1 */
  readonly codes: tf.Tensor2D;
  /** The terms that the quantiser adds to the NLL, already weighted by β or ν. */
  readonly losses: Record<string, tf.Scalar>;
  /**
   * Metrics to log with the losses: `codesInUse`, `batchPerplexity` and `quantisationError` for the batch; `perplexity`,
   * `usage` and `deadCodes` for the last steps including this one (see `CodeWindow`).
   */
  readonly metrics: Record<string, tf.Scalar>;
  /** The input of `update` from this batch. */
  readonly statistics: tf.NamedTensorMap;
}

/**
 * The bottleneck of an autoencoder (figure 1): a query goes in, the nearest of `codebookSize` quantised queries comes out,
 * and its index is the code.
 *
 * `quantise` is pure. Everything that a quantiser does not learn by gradient it learns in `update`, which the training calls
 * once after each step of the optimiser.
 */
export interface Quantiser extends Module {
  /** Size k of the codebook; null for a continuous bottleneck, whose codes mean nothing and whose `lookup` throws. */
  readonly codebookSize: number | null;
  /** Channels of q. */
  readonly queryDepth: number;
  /** Channels of q'. */
  readonly depth: number;

  /**
   * Quantises a batch of queries.
   *
   * @param query q `[batch, time, queryDepth]`
   * @throws RangeError for a query of another shape
   */
  quantise(query: tf.Tensor3D): Quantised;

  /**
   * Learns from the statistics of a batch, or from the summed statistics of several. The caller disposes of the tensors.
   *
   * @param key for random draws
   */
  update(statistics: tf.NamedTensorMap, key: RandomKey): void;

  /**
   * Returns the quantised queries of codes.
   *
   * @param codes int32 `[batch, time]`
   * @returns `[batch, time, depth]`
   * @throws RangeError if the bottleneck is continuous
   */
  lookup(codes: tf.Tensor2D): tf.Tensor3D;

  /**
   * Prepares the quantiser with typical queries. Called once, before the first step.
   *
   * @param query `[batch, time, queryDepth]`
   */
  initialise(query: tf.Tensor3D, key: RandomKey): void;
}

/** The facts about a quantiser that follow from its config. */
export interface QuantiserFacts {
  /** Size k of the codebook; null for a continuous bottleneck. */
  readonly codebookSize: number | null;
  /** Channels of q. */
  readonly queryDepth: number;
  /** Channels of q'. */
  readonly depth: number;
  /** Cost of a query. */
  readonly cost: Cost;
}

/** The description of one kind of quantiser, kept beside it. A new kind is one new file and one entry in the list. */
export interface QuantiserKind<C extends object> {
  create(config: C, key: RandomKey): Quantiser;
  describe(config: C): QuantiserFacts;
}
