import type { RandomKey } from '@fermata/core';
import type { Module } from '@fermata/tensor';
import type * as tf from '@tensorflow/tfjs';

/** What a quantiser makes of a batch of queries. Every tensor is the caller's to dispose. */
export interface Quantised {
  /** q' `[batch, time, depth]`; its gradient goes straight through to the query. */
  readonly quantised: tf.Tensor3D;
  /** y, int32 `[batch, time]`, each 0 … symbols − 1 */
  readonly codes: tf.Tensor2D;
  /** The terms that the quantiser adds to the NLL, already weighted by β or ν. */
  readonly losses: Record<string, tf.Scalar>;
  /**
   * What to log beside the losses. Of the batch: `codesInUse`, `batchPerplexity`, `quantisationError`; of the steps up to
   * this one, see `CodeWindow`: `perplexity`, `usage`, `deadCodes`.
   */
  readonly metrics: Record<string, tf.Scalar>;
  /** What `update` needs to know of this batch. */
  readonly statistics: tf.NamedTensorMap;
}

/**
 * The discrete bottleneck of an autoencoder (figure 1): a query goes in, the nearest of `symbols` quantised queries
 * comes out, and its index is the code.
 *
 * `quantise` is pure: whatever a quantiser learns other than by gradient it learns in `update`, which is called once
 * after each step of the optimiser.
 */
export interface Quantiser extends Module {
  /** Whether codes stand for quantised queries. Where not, there is one code and it says nothing: `lookup` throws. */
  readonly isDiscrete: boolean;
  /** k, the number of codes. */
  readonly symbols: number;
  /** Channels of q. */
  readonly queryDepth: number;
  /** Channels of q'. */
  readonly depth: number;

  /**
   * @param query q `[batch, time, queryDepth]`
   * @throws RangeError for a query of another shape
   */
  quantise(query: tf.Tensor3D): Quantised;

  /**
   * Learns from the statistics of the batch (or the sums of those of several), which stay the caller's.
   *
   * @param key for whatever is drawn at random
   */
  update(statistics: tf.NamedTensorMap, key: RandomKey): void;

  /**
   * The quantised queries that codes stand for.
   *
   * @param codes int32 `[batch, time]`
   * @returns `[batch, time, depth]`
   * @throws RangeError where the quantiser is not discrete
   */
  lookup(codes: tf.Tensor2D): tf.Tensor3D;

  /**
   * Prepares for queries such as these, once, before the first step.
   *
   * @param query `[batch, time, queryDepth]`
   */
  initialise(query: tf.Tensor3D, key: RandomKey): void;
}
