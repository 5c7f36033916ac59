import { fold, type RandomKey } from '@fermata/core';
import {
  assertInteger,
  assertShape,
  assignmentSums,
  embeddingLookup,
  Module,
  nearestCentroid,
  normalTensor,
  straightThrough,
} from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';

import { CodebookAverages, randomQueries } from './codebookAverages';
import { codeUse } from './codeUse';
import { CodeWindow } from './codeWindow';
import type { Quantised, Quantiser } from './quantiser';
import { squaredError } from './squaredError';
import { withoutGradient } from './withoutGradient';

interface CodebookConfig {
  readonly kind: 'vq';
  /** k, the size of the codebook. */
  readonly codes: number;
  /** Channels of the queries and of the codebook's vectors. */
  readonly depth: number;
  /** β, the weight of the commitment loss, which is a sum over the depth and a mean over batch and time. */
  readonly beta: number;
}

/** A codebook that follows the queries by exponentially smoothed K-means, as in the paper. */
export interface EmaVectorQuantiserConfig extends CodebookConfig {
  readonly codebook?: 'ema';
  /** α, the share of the past in the moving averages of the codebook: average ← α · average + (1 − α) · batch. */
  readonly alpha: number;
  /**
   * The threshold of random restarts (Dhariwal et al., 2020): a code with fewer queries per batch, on average, moves to a
   * random query of the batch. Default: no restarts, as in the paper.
   */
  readonly restartBelow?: number;
}

/** A codebook that the optimiser learns from the codebook loss, a sum over the depth and a mean over batch and time. */
export interface GradientVectorQuantiserConfig extends CodebookConfig {
  readonly codebook: 'gradient';
}

/** The bottleneck of a VQ-VAE (section 3.1). */
export type VectorQuantiserConfig = EmaVectorQuantiserConfig | GradientVectorQuantiserConfig;

/**
 * Vector quantisation (section 3.1): the code of a query is the nearest vector of the codebook.
 *
 *   y  = argminᵢ |q − cᵢ|²,  q' = c_y,  ∂q'/∂q = 1 (straight-through)
 *   loss = β · mean over batch and time of Σ over depth ([q'] − q)²     (equation 1, third term)
 *        + mean over batch and time of Σ over depth (q' − [q])²         (second term, if the codebook is learnt by gradient)
 *
 * For a codebook `'ema'`, moving averages minimise the second term instead: see `CodebookAverages`.
 */
export class VectorQuantiser extends Module implements Quantiser {
  readonly isDiscrete = true;
  readonly symbols: number;
  readonly queryDepth: number;
  readonly depth: number;
  /** cᵢ `[codes, depth]`, a weight if learnt by gradient, otherwise part of the state. */
  readonly codebook: tf.Variable<tf.Rank.R2>;
  /** The averages that move the codebook, unless it is learnt by gradient. */
  readonly averages: CodebookAverages | undefined;
  private readonly window: CodeWindow;
  private readonly restartBelow: number | undefined;

  /** @throws RangeError with the value and the rule it breaks */
  constructor(
    readonly config: VectorQuantiserConfig,
    key: RandomKey,
  ) {
    super();
    assertConfig(config);
    const { codes, depth } = config;
    this.symbols = codes;
    this.queryDepth = depth;
    this.depth = depth;
    const vectors = normalTensor(fold(key, 'codebook'), [codes, depth]) as tf.Tensor2D;
    if (config.codebook === 'gradient') {
      this.codebook = this.weight('codebook', vectors);
    } else {
      this.codebook = this.stateVariable('codebook', vectors);
      this.averages = this.child('averages', new CodebookAverages(this.codebook, config.alpha));
      this.restartBelow = config.restartBelow;
    }
    this.window = this.child('window', new CodeWindow(codes));
  }

  /**
   * @param query `[batch, time, depth]`
   * @returns the loss `commitment`, and `codebook` for a codebook learnt by gradient; the statistics `counts` `[codes]`,
   * for an `'ema'` codebook also `sums` `[codes, depth]`, and with restarts also `queries` `[batch · time, depth]`
   */
  quantise(query: tf.Tensor3D): Quantised {
    assertShape(query, ['batch', 'time', this.depth], 'query');
    const [batch, time, depth] = query.shape;
    return tf.tidy(() => {
      const queries = tf.reshape<tf.Rank.R2>(query, [batch * time, depth]);
      const nearest = withoutGradient(() => nearestCentroid(queries, this.codebook));
      const codes = tf.reshape<tf.Rank.R2>(nearest, [batch, time]);
      const quantised = this.lookup(codes);
      const error = squaredError(query, quantised);
      const { counts, sums } = assignmentSums(queries, nearest, this.symbols);
      const losses: Record<string, tf.Scalar> = {
        commitment: tf.mul<tf.Scalar>(this.config.beta, error),
      };
      const statistics: tf.NamedTensorMap = { counts };
      if (this.averages === undefined) losses.codebook = squaredError(quantised, query);
      else statistics.sums = sums;
      if (this.restartBelow !== undefined) statistics.queries = tf.clone(queries);
      return {
        quantised: straightThrough(query, quantised),
        codes,
        losses,
        metrics: { ...codeUse(counts), ...this.window.metrics(counts), quantisationError: error },
        statistics,
      };
    });
  }

  update({ counts, sums, queries }: tf.NamedTensorMap, key: RandomKey): void {
    this.window.update(counts as tf.Tensor1D);
    this.averages?.update(counts as tf.Tensor1D, sums as tf.Tensor2D);
    if (this.restartBelow !== undefined) {
      this.averages?.restart(this.restartBelow, queries as tf.Tensor2D, key);
    }
  }

  /** @returns `[batch, time, depth]` */
  lookup(codes: tf.Tensor2D): tf.Tensor3D {
    return embeddingLookup(codes, this.codebook);
  }

  /** Moves the vectors of the codebook to random queries, without repetition as long as there are enough. */
  initialise(query: tf.Tensor3D, key: RandomKey): void {
    assertShape(query, ['batch', 'time', this.depth], 'query');
    tf.tidy(() => {
      const queries = tf.reshape<tf.Rank.R2>(query, [-1, this.depth]);
      this.codebook.assign(randomQueries(queries, this.symbols, key));
    });
    this.averages?.reset();
  }
}

function assertConfig(config: VectorQuantiserConfig): void {
  const { codes, depth, beta, codebook = 'ema' } = config;
  const { alpha, restartBelow } = config as Partial<EmaVectorQuantiserConfig>;
  assertInteger(codes, 2, 'codes');
  assertInteger(depth, 1, 'depth');
  if (!(beta >= 0)) throw new RangeError(`beta is ${beta}, but must be at least 0`);
  if (codebook === 'gradient') {
    for (const [name, value] of Object.entries({ alpha, restartBelow })) {
      if (value === undefined) continue;
      throw new RangeError(`${name} is ${value}, but is only for a codebook 'ema', not 'gradient'`);
    }
    return;
  }
  if ((codebook as string) !== 'ema') {
    throw new RangeError(`codebook is ${codebook}, but must be 'ema' or 'gradient'`);
  }
  if (!(alpha !== undefined && alpha >= 0 && alpha < 1)) {
    throw new RangeError(`alpha is ${alpha}, but must be in [0, 1)`);
  }
  if (restartBelow !== undefined && !(restartBelow > 0)) {
    throw new RangeError(`restartBelow is ${restartBelow}, but must be positive`);
  }
}
