import { customGradient } from '../customGradient';
import * as tf from '@tensorflow/tfjs';

/** Assignment of table rows to sums: entry i adds row `rows[i]` to output `bags[i]`. */
export interface Bags {
  /** `[entries]`, indices of table rows. */
  readonly rows: Int32Array;
  /** `[entries]`, in ascending order, each 0 … count − 1; an output without entries is zero. */
  readonly bags: Int32Array;
  readonly count: number;
}

/**
 * Sums rows of a table: y[b] = Σ table[rows[i]] over the entries i with bags[i] = b. This equals the product of a
 * matrix of counts with the table, but makes neither the matrix nor the looked-up rows. A sum of n rows costs n
 * additions per channel, forwards and backwards.
 *
 * @param table `[rows, channels]`
 * @returns `[count, channels]`
 * @throws RangeError if an entry names an unknown row or output, or if the outputs are out of order
 */
export function embeddingBag(table: tf.Tensor2D, { rows, bags, count }: Bags): tf.Tensor2D {
  const [height] = table.shape;
  assertEntries(rows, bags, height, count);
  return customGradient<tf.Tensor2D>(
    [table],
    () => ({ value: segmentSum(table, rows, bags, count), keep: [] }),
    // dy[b] goes to every row that y[b] sums: the same operation with rows and outputs exchanged.
    (dy) => {
      const order = sortedOrder(rows, height);
      return [
        segmentSum(
          dy,
          order.map((entry) => bags[entry]),
          order.map((entry) => rows[entry]),
          height,
        ),
      ];
    },
  );
}

/** Computes y[segments[i]] += values[indices[i]]; segments are in ascending order. */
function segmentSum(
  values: tf.Tensor2D,
  indices: Int32Array,
  segments: Int32Array,
  count: number,
): tf.Tensor2D {
  const channels = values.shape[1];
  if (indices.length === 0) return tf.zeros([count, channels]);
  return tf.tidy(() => {
    const sums = tf.sparse.sparseSegmentSum(
      values,
      tf.tensor1d(indices, 'int32'),
      tf.tensor1d(segments, 'int32'),
    ) as tf.Tensor2D;
    // tfjs ends its output at the last segment with an entry.
    const missing = count - sums.shape[0];
    return missing === 0 ? sums : tf.pad(sums, [[0, missing], [0, 0]]); // prettier-ignore
  });
}

/** Order that sorts values 0 … bound − 1: a stable counting sort. */
function sortedOrder(values: Int32Array, bound: number): Int32Array {
  const next = new Int32Array(bound + 1);
  for (let i = 0; i < values.length; i++) next[values[i] + 1]++;
  for (let value = 0; value < bound; value++) next[value + 1] += next[value];
  const order = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) order[next[values[i]]++] = i;
  return order;
}

// Checked here, because the wasm kernel does not check its indices.
function assertEntries(rows: Int32Array, bags: Int32Array, height: number, count: number): void {
  if (rows.length !== bags.length) throw new RangeError(`${rows.length} rows for ${bags.length} bags`);
  let last = 0;
  for (let i = 0; i < rows.length; i++) {
    if (rows[i] < 0 || rows[i] >= height) {
      throw new RangeError(`entry ${i} names row ${rows[i]} of a table of ${height} rows`);
    }
    if (bags[i] < last || bags[i] >= count) {
      throw new RangeError(`entry ${i} names bag ${bags[i]}, which is not in ${last} … ${count - 1}`);
    }
    last = bags[i];
  }
}
