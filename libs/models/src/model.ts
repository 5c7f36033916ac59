import type { RandomKey } from '@fermata/core';
import type { Module } from '@fermata/tensor';
import type * as tf from '@tensorflow/tfjs';

import type { DrawSettings } from './generation/drawing';
import type { Level, Prior } from './generation/levels';

/** Timesteps before and after a symbol that its likelihood depends on. */
export interface Context {
  readonly past: number;
  readonly future: number;
}

/** Replacements for inputs of a model, to measure how much it uses them. */
export interface NllOptions {
  /** y, int32 `[batch, time / hop]`: codes for the decoder in place of those of the symbols. */
  readonly codes?: tf.Tensor2D;
  /** int32 `[batch, time]`: symbols that the model sees as the past in place of the real ones. */
  readonly past?: tf.Tensor2D;
}

/** A model that gives the likelihood of sequences of symbols: the view of evaluation. */
export interface SequenceModel {
  /** Timesteps for each code, 1 for a model without codes; sequences are scored in multiples of it. */
  readonly hop: number;
  /** Context that the likelihood needs, exact or larger. */
  readonly context: Context;
  /**
   * Computes the negative log-likelihood of each symbol, in nats.
   *
   * @param symbols int32 `[batch, time]`
   * @returns `[batch, time]`
   */
  nll(symbols: tf.Tensor2D, options?: NllOptions): tf.Tensor2D;
}

/** The loss of a batch. The caller disposes of all tensors. */
export interface ModelLoss {
  readonly loss: tf.Scalar;
  /** Numbers to log, in nats for likelihoods: `nll`, `commitment`, … */
  readonly metrics: Record<string, tf.Scalar>;
  /** Sums of the batch that `update` learns from. */
  readonly statistics?: tf.NamedTensorMap;
}

/**
 * A model of any kind. It is trained by its loss, scored by its NLL, and takes part in generation as a prior, as a level,
 * or as both.
 */
export interface Model extends Module, SequenceModel {
  /** Size of the alphabet of the sequence. */
  readonly symbols: number;
  /** Size k of the alphabet of the codes; null for a model without codes. */
  readonly codebookSize: number | null;
  /** Computes the loss. @param batch int32 `[batch, time]` */
  loss(batch: tf.Tensor2D): ModelLoss;
  /** Learns from the statistics of a batch, after the step of the optimiser. */
  update?(statistics: tf.NamedTensorMap, key: RandomKey): void;
  /** Sets state that depends on data, such as a codebook, once, before the first step. */
  initialise?(batch: tf.Tensor2D, key: RandomKey): void;
  /** Makes a source of sequences from nothing; absent if the model cannot be one. */
  asPrior?(settings?: DrawSettings): Prior;
  /** Makes a level between a sequence and its codes; absent if the model cannot be one. */
  asLevel?(settings?: DrawSettings): Level;
}
