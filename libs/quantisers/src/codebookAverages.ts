import { RandomStream, type RandomKey } from '@fermata/core';
import { assertShape, embeddingLookup, Module, moveAverage } from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';

// Only keeps the division of codes that no query fell to finite.
const tiny = 1e-30;

/**
 * Exponentially smoothed K-means (section 3.1): moves the vectors of a codebook to the means of the queries that fall to
 * them. With nᵢ queries of sum sᵢ falling to code i:
 *
 *   Nᵢ ← α·Nᵢ + (1 − α)·nᵢ,  Sᵢ ← α·Sᵢ + (1 − α)·sᵢ,  cᵢ ← Sᵢ / Nᵢ where nᵢ > 0
 *
 * The averages start from zero, and that bias cancels in Sᵢ / Nᵢ: after the first update a vector is the mean of its
 * queries. Where nᵢ = 0 the quotient does not change, so that it need not be taken of vanishing numbers. (Laplace
 * smoothing instead of both would draw rare codes towards the origin.)
 */
export class CodebookAverages extends Module {
  /** Sᵢ `[codes, depth]` */
  readonly sums: tf.Variable<tf.Rank.R2>;
  /** Nᵢ `[codes]` */
  readonly counts: tf.Variable<tf.Rank.R1>;
  /** 1 − αᵗ after t updates, the weight of all batches together in the averages: Nᵢ / weight has no bias. */
  readonly weightOfBatches: tf.Variable<tf.Rank.R0>;

  /** @param codebook `[codes, depth]`, which stays the caller's */
  constructor(
    private readonly codebook: tf.Variable<tf.Rank.R2>,
    private readonly alpha: number,
  ) {
    super();
    const [codes, depth] = codebook.shape;
    this.sums = this.stateVariable('sums', tf.zeros<tf.Rank.R2>([codes, depth]));
    this.counts = this.stateVariable('counts', tf.zeros<tf.Rank.R1>([codes]));
    this.weightOfBatches = this.stateVariable('weightOfBatches', tf.scalar(0));
  }

  /** Learns from nᵢ, `counts` `[codes]`, and sᵢ, `sums` `[codes, depth]`. */
  update(counts: tf.Tensor1D, sums: tf.Tensor2D): void {
    assertShape(counts, this.counts.shape, 'statistics.counts');
    assertShape(sums, this.sums.shape, 'statistics.sums');
    tf.tidy(() => {
      moveAverage(this.weightOfBatches, tf.scalar(1), 1 - this.alpha);
      moveAverage(this.counts, counts, 1 - this.alpha);
      moveAverage(this.sums, sums, 1 - this.alpha);
      const seen = tf.greater(counts, 0);
      const means = tf.div<tf.Tensor2D>(this.sums, tf.expandDims(tf.maximum(this.counts, tiny), 1));
      this.codebook.assign(whereRows(seen, means, this.codebook));
    });
  }

  /**
   * Random restarts: a code that on average fewer than `threshold` queries of a batch fall to is put where a random query
   * is. The vector, the sum and the count restart together. The count becomes the least that keeps a code: one that no
   * query falls to in the next batch restarts again.
   *
   * @param queries `[positions, depth]`
   */
  restart(threshold: number, queries: tf.Tensor2D, key: RandomKey): void {
    assertShape(queries, ['positions', this.sums.shape[1]], 'statistics.queries');
    tf.tidy(() => {
      const least = tf.mul(this.weightOfBatches, threshold);
      const unused = tf.less(this.counts, least);
      const vectors = randomQueries(queries, this.counts.size, key);
      this.codebook.assign(whereRows(unused, vectors, this.codebook));
      this.sums.assign(whereRows(unused, tf.mul(vectors, least), this.sums));
      this.counts.assign(tf.where(unused, least, this.counts) as tf.Tensor1D);
    });
  }

  /** Begins again: nothing has been averaged. */
  reset(): void {
    tf.tidy(() => {
      for (const average of this.state().values()) average.assign(tf.zerosLike(average));
    });
  }
}

/**
 * Queries drawn at random, different ones as long as there are enough.
 *
 * @param queries `[positions, depth]`
 * @returns `[count, depth]`
 */
export function randomQueries(queries: tf.Tensor2D, count: number, key: RandomKey): tf.Tensor2D {
  const [positions, depth] = queries.shape;
  const stream = new RandomStream(key);
  const chosen = new Int32Array(count);
  // Fisher and Yates, of which only the first draws are made and only what they moved is kept.
  const moved = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    if (i >= positions) {
      chosen[i] = chosen[i - positions];
      continue;
    }
    const j = i + stream.integer(positions - i);
    chosen[i] = moved.get(j) ?? j;
    moved.set(j, moved.get(i) ?? i);
  }
  return tf.tidy(() =>
    tf.reshape<tf.Rank.R2>(embeddingLookup(tf.tensor2d(chosen, [1, count], 'int32'), queries), [
      count,
      depth,
    ]),
  );
}

// tf.where, of whole rows of finite numbers; it computes element by element in JavaScript on some backends.
function whereRows(condition: tf.Tensor, rows: tf.Tensor2D, otherwise: tf.Tensor2D): tf.Tensor2D {
  const chosen = tf.expandDims(tf.cast(condition, 'float32'), 1);
  return tf.add(tf.mul(chosen, rows), tf.mul(tf.sub(1, chosen), otherwise));
}
