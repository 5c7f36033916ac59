import { normals, randomKey, RandomStream } from '@fermata/core';
import { expectClose, expectGradients, expectNoLeak, testBackends } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { selectBackend } from '../backend';
import { embeddingBag, type Bags } from './embeddingBag';

// Bags 0, 3 and the last three of 40 stay empty, and no entry uses the table's last row.
function randomBags(): { table: tf.Tensor2D; entries: Bags } {
  const stream = new RandomStream(randomKey('bags'));
  const bags = Int32Array.from({ length: 100 }, () => 1 + stream.integer(36)).sort();
  for (let i = 0; i < bags.length; i++) if (bags[i] === 3) bags[i] = 4;
  const rows = Int32Array.from({ length: 100 }, () => stream.integer(11));
  return {
    table: tf.tensor2d(normals(randomKey('table'), 12 * 5), [12, 5]),
    entries: { rows, bags, count: 40 },
  };
}

// Follows the definition: a matrix of counts times the table.
function countMatrix({ rows, bags, count }: Bags, height: number): tf.Tensor2D {
  const counts = new Float32Array(count * height);
  rows.forEach((row, i) => counts[bags[i] * height + row]++);
  return tf.tensor2d(counts, [count, height]);
}

describe.each(testBackends)('embeddingBag on %s', (backend) => {
  beforeAll(() => selectBackend(backend));

  it('is the product with a matrix of counts, and so is its gradient', async () => {
    await expectNoLeak(() => {
      tf.tidy(() => {
        const { table, entries } = randomBags();
        const counts = countMatrix(entries, 12);
        expectClose(embeddingBag(table, entries), tf.matMul(counts, table), 1e-5);
        const weights = tf.tensor2d(normals(randomKey('dy'), 40 * 5), [40, 5]);
        const gradient = tf.grad((x) => tf.sum(tf.mul(embeddingBag(x as tf.Tensor2D, entries), weights)))(
          table,
        );
        expectClose(gradient, tf.matMul(tf.transpose(counts), weights), 1e-5);
      });
    });
  });

  it('has the gradient of finite differences', () => {
    tf.tidy(() => {
      const { table, entries } = randomBags();
      expectGradients((x) => embeddingBag(x as tf.Tensor2D, entries), [table]);
    });
  });

  it('gives zeros for empty bags', () => {
    const none = { rows: new Int32Array(0), bags: new Int32Array(0), count: 3 };
    tf.tidy(() => {
      const gradient = tf.grad((x) => tf.sum(embeddingBag(x as tf.Tensor2D, none)));
      expectClose(embeddingBag(tf.ones([4, 2]), none), tf.zeros([3, 2]), 0);
      expectClose(gradient(tf.ones([4, 2])), tf.zeros([4, 2]), 0);
    });
  });

  it('says which entry is wrong', () => {
    const bag = (rows: number[], bags: number[]) => () =>
      embeddingBag(tf.ones([4, 2]), { rows: Int32Array.from(rows), bags: Int32Array.from(bags), count: 3 });
    tf.tidy(() => {
      expect(bag([0, 4], [0, 1])).toThrow('entry 1 names row 4 of a table of 4 rows');
      expect(bag([-1], [0])).toThrow('entry 0 names row -1');
      expect(bag([0, 0], [1, 0])).toThrow('entry 1 names bag 0, which is not in 1 … 2');
      expect(bag([0], [3])).toThrow('entry 0 names bag 3');
      expect(bag([0], [0, 1])).toThrow('1 rows for 2 bags');
    });
  });
});
