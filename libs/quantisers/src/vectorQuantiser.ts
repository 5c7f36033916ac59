import { fold, RandomStream, type RandomKey } from '@fermata/core';
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

import { codeUse, quantisationError } from './codeUse';
import type { Quantised, Quantiser } from './quantiser';
import { withoutGradient } from './withoutGradient';

/** The bottleneck of a VQ-VAE (section 3.1). */
export interface VectorQuantiserConfig {
  readonly kind: 'vq';
  /** k, the size of the codebook. */
  readonly codes: number;
  /** Channels of the queries and of the codebook's vectors. */
  readonly depth: number;
  /** α, the share of the past in the moving averages of the codebook: average ← α · average + (1 − α) · batch. */
  readonly alpha: number;
  /** β, the weight of the commitment loss, which is a sum over the depth and a mean over batch and time. */
  readonly beta: number;
  /**
   * Random restarts (Dhariwal et al., 2020): a code that on average fewer than this many queries of a batch fall to is
   * put where a random query of the batch is. Absent, as in the paper: codes never restart.
   */
  readonly restartBelow?: number;
}

// Only keeps the division of codes that no query fell to finite.
const tiny = 1e-30;

/**
 * Vector quantisation (section 3.1): the code of a query is the nearest vector of the codebook, which follows the means
 * of the queries that fall to its vectors by exponentially smoothed K-means.
 *
 *   y  = argminᵢ |q − cᵢ|²,  q' = c_y,  ∂q'/∂q = 1 (straight-through)
 *   loss = β · mean over batch and time of Σ over depth ([q'] − q)²     (equation 1, third term)
 *
 *   update, with nᵢ queries of sum sᵢ falling to code i:
 *   Nᵢ ← α·Nᵢ + (1 − α)·nᵢ,  Sᵢ ← α·Sᵢ + (1 − α)·sᵢ,  cᵢ ← Sᵢ / Nᵢ where nᵢ > 0
 *
 * The averages start from zero, and that bias cancels in Sᵢ / Nᵢ: after the first update a vector is the mean of its
 * queries. Where nᵢ = 0 the quotient does not change, so that it need not be taken of vanishing numbers. (Laplace
 * smoothing instead of both would draw rare codes towards the origin.)
 */
export class VectorQuantiser extends Module implements Quantiser {
  readonly symbols: number;
  readonly queryDepth: number;
  readonly depth: number;
  /** cᵢ `[codes, depth]` */
  readonly codebook: tf.Variable<tf.Rank.R2>;
  /** Sᵢ `[codes, depth]` */
  readonly sums: tf.Variable<tf.Rank.R2>;
  /** Nᵢ `[codes]` */
  readonly counts: tf.Variable<tf.Rank.R1>;
  /** 1 − αᵗ after t updates, the weight of all batches together in the averages: Nᵢ / weight has no bias. */
  readonly weightOfBatches: tf.Variable<tf.Rank.R0>;

  /** @throws RangeError that prints the value and the rule it breaks */
  constructor(
    readonly config: VectorQuantiserConfig,
    key: RandomKey,
  ) {
    super();
    const { codes, depth, alpha, beta, restartBelow } = config;
    assertInteger(codes, 2, 'codes');
    assertInteger(depth, 1, 'depth');
    if (!(alpha >= 0 && alpha < 1)) throw new RangeError(`alpha is ${alpha}, but must be in [0, 1)`);
    if (!(beta >= 0)) throw new RangeError(`beta is ${beta}, but must be at least 0`);
    if (restartBelow !== undefined && !(restartBelow > 0)) {
      throw new RangeError(`restartBelow is ${restartBelow}, but must be positive`);
    }
    this.symbols = codes;
    this.queryDepth = depth;
    this.depth = depth;
    const vectors = normalTensor(fold(key, 'codebook'), [codes, depth]) as tf.Tensor2D;
    this.codebook = this.stateVariable('codebook', vectors);
    this.sums = this.stateVariable('sums', tf.zeros<tf.Rank.R2>([codes, depth]));
    this.counts = this.stateVariable('counts', tf.zeros<tf.Rank.R1>([codes]));
    this.weightOfBatches = this.stateVariable('weightOfBatches', tf.scalar(0));
  }

  /**
   * @param query `[batch, time, depth]`
   * @returns the loss `commitment`; the statistics `counts` `[codes]` and `sums` `[codes, depth]`, and where codes
   * restart also `queries` `[batch · time, depth]`
   */
  quantise(query: tf.Tensor3D): Quantised {
    assertShape(query, ['batch', 'time', this.depth], 'query');
    const [batch, time, depth] = query.shape;
    return tf.tidy(() => {
      const queries = tf.reshape<tf.Rank.R2>(query, [batch * time, depth]);
      const nearest = withoutGradient(() => nearestCentroid(queries, this.codebook));
      const codes = tf.reshape<tf.Rank.R2>(nearest, [batch, time]);
      const quantised = this.lookup(codes);
      const error = quantisationError(query, quantised);
      const { counts, sums } = assignmentSums(queries, nearest, this.symbols);
      const statistics: tf.NamedTensorMap = { counts, sums };
      if (this.config.restartBelow !== undefined) statistics.queries = tf.clone(queries);
      return {
        quantised: straightThrough(query, quantised),
        codes,
        losses: { commitment: tf.mul<tf.Scalar>(this.config.beta, error) },
        metrics: { ...codeUse(counts), quantisationError: error },
        statistics,
      };
    });
  }

  update(statistics: tf.NamedTensorMap, key: RandomKey): void {
    const { codes, depth, alpha, restartBelow } = this.config;
    const { counts, sums, queries } = statistics;
    assertShape(counts, [codes], 'statistics.counts');
    assertShape(sums, [codes, depth], 'statistics.sums');
    const average = <R extends tf.Rank>(past: tf.Tensor<R>, present: tf.Tensor): tf.Tensor<R> =>
      tf.add(tf.mul(past, alpha), tf.mul(present, 1 - alpha));
    tf.tidy(() => {
      this.weightOfBatches.assign(average(this.weightOfBatches, tf.scalar(1)));
      this.counts.assign(average(this.counts, counts));
      this.sums.assign(average(this.sums, sums));
      const seen = tf.expandDims(tf.greater(counts, 0), 1);
      const means = tf.div(this.sums, tf.expandDims(tf.maximum(this.counts, tiny), 1));
      this.codebook.assign(tf.where(seen, means, this.codebook) as tf.Tensor2D);
    });
    if (restartBelow !== undefined) this.restart(restartBelow, queries as tf.Tensor2D, key);
  }

  /** @returns `[batch, time, depth]` */
  lookup(codes: tf.Tensor2D): tf.Tensor3D {
    return embeddingLookup(codes, this.codebook);
  }

  /** Puts the vectors of the codebook where random queries are, different ones as long as there are enough. */
  initialise(query: tf.Tensor3D, key: RandomKey): void {
    assertShape(query, ['batch', 'time', this.depth], 'query');
    tf.tidy(() => {
      const queries = tf.reshape<tf.Rank.R2>(query, [-1, this.depth]);
      this.codebook.assign(this.randomQueries(queries, key));
      this.sums.assign(tf.zerosLike(this.sums));
      this.counts.assign(tf.zerosLike(this.counts));
      this.weightOfBatches.assign(tf.scalar(0));
    });
  }

  // The vector, the sum and the count restart together. The count becomes the least that keeps a code: one that no
  // query falls to in the next batch restarts again.
  private restart(threshold: number, queries: tf.Tensor2D, key: RandomKey): void {
    assertShape(queries, ['positions', this.depth], 'statistics.queries');
    tf.tidy(() => {
      const least = tf.mul(this.weightOfBatches, threshold);
      const unused = tf.less(this.counts, least);
      const rows = tf.expandDims(unused, 1);
      const vectors = this.randomQueries(queries, key);
      this.codebook.assign(tf.where<tf.Tensor2D>(rows, vectors, this.codebook));
      this.sums.assign(tf.where(rows, tf.mul(vectors, least), this.sums) as tf.Tensor2D);
      this.counts.assign(tf.where(unused, least, this.counts) as tf.Tensor1D);
    });
  }

  private randomQueries(queries: tf.Tensor2D, key: RandomKey): tf.Tensor2D {
    const positions = Array.from({ length: queries.shape[0] }, (_, position) => position);
    const shuffled = new RandomStream(key).shuffle(positions);
    const chosen = Array.from({ length: this.symbols }, (_, code) => shuffled[code % shuffled.length]);
    return tf.gather(queries, tf.tensor1d(chosen, 'int32'));
  }
}
