import { RandomStream, type Hyperparameter, type RandomKey } from '@fermata/core';
import { assertShape, embeddingLookup, Module, moveAverage } from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';

// Keeps the division finite for codes without queries.
const tiny = 1e-30;

/**
 * Exponentially smoothed K-means (section 3.1), which moves each vector of a codebook to the mean of the queries assigned
 * to it. With nᵢ queries of sum sᵢ assigned to code i:
 *
 *   Nᵢ ← α·Nᵢ + (1 − α)·nᵢ,  Sᵢ ← α·Sᵢ + (1 − α)·sᵢ,  cᵢ ← Sᵢ / Nᵢ where nᵢ > 0
 *
 * The averages start at zero, but this bias cancels in Sᵢ / Nᵢ: after the first update a vector is the mean of its queries.
 * If nᵢ = 0 the quotient stays the same and is not computed, which avoids dividing vanishing numbers. (Laplace smoothing,
 * the alternative, would draw rare codes towards the origin.)
 */
export class CodebookAverages extends Module {
  /** Sᵢ `[codebookSize, depth]` */
  readonly sums: tf.Variable<tf.Rank.R2>;
  /** Nᵢ `[codebookSize]` */
  readonly counts: tf.Variable<tf.Rank.R1>;
  /** 1 − αᵗ after t updates, the total weight of all batches in the averages. Nᵢ divided by it has no bias. */
  readonly weightOfBatches: tf.Variable<tf.Rank.R0>;

  /**
   * @param codebook `[codebookSize, depth]`, which stays the caller's
   * @param alpha α, read at each update
   */
  constructor(
    private readonly codebook: tf.Variable<tf.Rank.R2>,
    private readonly alpha: Hyperparameter,
  ) {
    super();
    const [codebookSize, depth] = codebook.shape;
    this.sums = this.stateVariable('sums', tf.zeros<tf.Rank.R2>([codebookSize, depth]));
    this.counts = this.stateVariable('counts', tf.zeros<tf.Rank.R1>([codebookSize]));
    this.weightOfBatches = this.stateVariable('weightOfBatches', tf.scalar(0));
  }

  /** Learns from one batch: nᵢ in `counts` `[codebookSize]` and sᵢ in `sums` `[codebookSize, depth]`. */
  update(counts: tf.Tensor1D, sums: tf.Tensor2D): void {
    assertShape(counts, this.counts.shape, 'statistics.counts');
    assertShape(sums, this.sums.shape, 'statistics.sums');
    tf.tidy(() => {
      moveAverage(this.weightOfBatches, tf.scalar(1), 1 - this.alpha.value);
      moveAverage(this.counts, counts, 1 - this.alpha.value);
      moveAverage(this.sums, sums, 1 - this.alpha.value);
      const seen = tf.greater(counts, 0);
      const means = tf.div<tf.Tensor2D>(this.sums, tf.expandDims(tf.maximum(this.counts, tiny), 1));
      this.codebook.assign(whereRows(seen, means, this.codebook));
    });
  }

  /**
   * Restarts rare codes: moves each code with fewer than `threshold` queries per batch, on average, to a random query. The
   * vector, the sum and the count restart together. The count becomes the lowest that keeps a code, so a code without
   * queries in the next batch restarts again.
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

  /** Sets all averages back to zero. */
  reset(): void {
    tf.tidy(() => {
      for (const average of this.state().values()) average.assign(tf.zerosLike(average));
    });
  }
}

/**
 * Draws random queries, without repetition as long as there are enough.
 *
 * @param queries `[positions, depth]`
 * @returns `[count, depth]`
 */
export function randomQueries(queries: tf.Tensor2D, count: number, key: RandomKey): tf.Tensor2D {
  const [positions, depth] = queries.shape;
  const stream = new RandomStream(key);
  const chosen = new Int32Array(count);
  // The first draws of a Fisher–Yates shuffle, which stores only the moved indices.
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

// Replaces tf.where, which some backends compute element by element in JavaScript, for whole rows of finite numbers.
function whereRows(condition: tf.Tensor, rows: tf.Tensor2D, otherwise: tf.Tensor2D): tf.Tensor2D {
  const chosen = tf.expandDims(tf.cast(condition, 'float32'), 1);
  return tf.add(tf.mul(chosen, rows), tf.mul(tf.sub(1, chosen), otherwise));
}
