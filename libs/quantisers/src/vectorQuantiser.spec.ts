import { randomKey } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';
import {
  expectClose,
  expectGradients,
  expectNoLeak,
  goldenTensor,
  loadGoldens,
  type Golden,
  testBackends,
} from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { VectorQuantiser, type VectorQuantiserConfig } from './vectorQuantiser';

const key = randomKey('quantisers');
const goldens = loadGoldens('quantisers/quantisers');

const config: VectorQuantiserConfig = { kind: 'vq', codes: 4, depth: 3, alpha: 0.9, beta: 0.25 };

function make(changes: Partial<VectorQuantiserConfig>, codebook?: tf.Tensor): VectorQuantiser {
  const quantiser = new VectorQuantiser({ ...config, ...changes }, key);
  if (codebook !== undefined) quantiser.codebook.assign(codebook as tf.Tensor2D);
  return quantiser;
}

// Statistics of a batch in which code i has counts[i] queries, all at vectors[i].
function statistics(counts: number[], vectors: number[][]): tf.NamedTensorMap {
  const sums = vectors.map((vector, code) => vector.map((value) => value * counts[code]));
  return { counts: tf.tensor1d(counts), sums: tf.tensor2d(sums) };
}

describe.each(testBackends)('VectorQuantiser on %s', (backend) => {
  beforeAll(() => selectBackend(backend));

  it('gives the codes, losses, metrics and statistics that PyTorch gives', () => {
    const golden: Golden = goldens.vectorQuantiser;
    const quantiser = make({}, goldenTensor(golden.codebook));
    const result = quantiser.quantise(goldenTensor(golden.query) as tf.Tensor3D);
    expect(result.codes.dtype).toBe('int32');
    const found = { ...result, ...result.losses, ...result.metrics, ...result.statistics };
    for (const name of [
      'codes',
      'quantised',
      'commitment',
      'quantisationError',
      'codesInUse',
      'batchPerplexity',
      'counts',
      'sums',
    ] as const) {
      expectClose((found as unknown as tf.NamedTensorMap)[name], goldenTensor(golden[name]), 1e-5);
    }
  });

  it('has the gradient of the query that PyTorch has', () => {
    const golden = goldens.vectorQuantiser;
    const quantiser = make({}, goldenTensor(golden.codebook));
    const gradient = tf.grad((query: tf.Tensor) => {
      const { quantised, losses } = quantiser.quantise(query as tf.Tensor3D);
      return tf.add(tf.sum(tf.mul(quantised, goldenTensor(golden.cotangent))), losses.commitment);
    })(goldenTensor(golden.query));
    expectClose(gradient, goldenTensor(golden.queryGradient), 1e-5);
  });

  it('moves its codebook as debiased averages do in PyTorch, step after step', () => {
    const golden = goldens.movingAverages;
    const quantiser = make({ codes: 5 }, goldenTensor(golden.codebook0));
    const batches = tf.unstack(goldenTensor(golden.queries)) as tf.Tensor3D[];
    batches.forEach((batch, index) => {
      quantiser.update(quantiser.quantise(batch).statistics, key);
      expectClose(quantiser.codebook, goldenTensor(golden[`codebook${index + 1}`]), 1e-5);
    });
    for (const name of ['counts', 'sums', 'weightOfBatches'] as const) {
      expectClose(quantiser[name], goldenTensor(golden[name]), 1e-5);
    }
  });
});

describe('VectorQuantiser', () => {
  beforeAll(() => selectBackend('cpu'));

  it('has the commitment gradient of finite differences', () => {
    const quantiser = make({}, goldenTensor(goldens.vectorQuantiser.codebook));
    const query = goldenTensor(goldens.vectorQuantiser.query);
    // So small a step changes no code, else the loss would jump.
    expectGradients((q) => quantiser.quantise(q as tf.Tensor3D).losses.commitment, [query], {
      step: 1e-3,
    });
  });

  it('quantises and commits by the codebook from before the update', () => {
    const quantiser = make({ codes: 2, depth: 1, beta: 1, alpha: 0 }, tf.tensor2d([[0], [10]]));
    const query = tf.tensor3d([[[1], [3], [9]]]);
    const before = quantiser.quantise(query);
    expectClose(before.losses.commitment, (1 + 9 + 1) / 3, 1e-6);
    expectClose(quantiser.codebook, [[0], [10]], 0);
    quantiser.update(before.statistics, key);
    expectClose(quantiser.codebook, [[2], [9]], 1e-6);
    expectClose(quantiser.quantise(query).losses.commitment, (1 + 1 + 0) / 3, 1e-6);
  });

  it('takes the mean of the first batch whole, and keeps a code that nobody uses where it is', () => {
    const quantiser = make({ codes: 2, depth: 1, alpha: 0.999 }, tf.tensor2d([[5], [-7]]));
    quantiser.update(statistics([4, 0], [[2], [0]]), key);
    expectClose(quantiser.codebook, [[2], [-7]], 1e-5);
    for (let step = 0; step < 100; step++) quantiser.update(statistics([0, 3], [[0], [1]]), key);
    expectClose(quantiser.codebook, [[2], [1]], 1e-5);
  });

  it('comes back from a disuse so long that its averages vanish', () => {
    const quantiser = make({ codes: 2, depth: 1, alpha: 0.01 }, tf.tensor2d([[5], [0]]));
    quantiser.update(statistics([4, 1], [[2], [0]]), key);
    for (let step = 0; step < 40; step++) quantiser.update(statistics([0, 1], [[0], [0]]), key);
    expectClose(quantiser.counts, [0, 1], 1e-6);
    expectClose(quantiser.codebook, [[2], [0]], 1e-6);
    quantiser.update(statistics([1, 1], [[3], [0]]), key);
    expectClose(quantiser.codebook, [[3], [0]], 1e-6);
  });

  it('initialises from different queries of the batch and forgets its averages', () => {
    const quantiser = make({ codes: 4, depth: 2 });
    const values = Array.from({ length: 12 }, (_, i) => [i, -i]);
    const query = tf.tensor3d([values.slice(0, 6), values.slice(6)]);
    quantiser.update(quantiser.quantise(query).statistics, key);
    quantiser.initialise(query, key);
    const rows = quantiser.codebook.arraySync();
    expect(new Set(rows.map(([x]) => x)).size).toBe(4);
    for (const [x, y] of rows) {
      expect(values.map(([value]) => value)).toContain(x);
      expect(y).toBe(-x);
    }
    expectClose(quantiser.counts, [0, 0, 0, 0], 0);
    expectClose(quantiser.weightOfBatches, 0, 0);
    const again = make({ codes: 4, depth: 2 });
    again.initialise(query, key);
    expect(again.codebook.arraySync()).toEqual(rows);
    again.initialise(query, randomKey('another'));
    expect(again.codebook.arraySync()).not.toEqual(rows);
  });

  it('initialises from fewer queries than it has codes', () => {
    const quantiser = make({ codes: 4, depth: 1 });
    quantiser.initialise(tf.tensor3d([[[1], [2]]]), key);
    expect([...quantiser.codebook.dataSync()].sort()).toEqual([1, 1, 2, 2]);
  });

  it('restarts vector, sum and count of unused codes together, and only of those', () => {
    const quantiser = make(
      { codes: 3, depth: 1, alpha: 0.5, restartBelow: 1 },
      tf.tensor2d([[0], [10], [100]]),
    );
    const query = tf.tensor3d([[[1], [2], [3], [9]]]);
    const { statistics: found } = quantiser.quantise(query);
    expectClose(found.queries, [[1], [2], [3], [9]], 0);
    quantiser.update(found, key);
    const [used, once, restarted] = quantiser.codebook.dataSync();
    expect([used, once]).toEqual([2, 9]);
    expect([1, 2, 3, 9]).toContain(restarted);
    // After one update with α = 1/2 all batches weigh 1/2, so that a count of one query is kept as 1/2.
    expectClose(quantiser.counts, [1.5, 0.5, 0.5], 1e-6);
    expectClose(quantiser.sums, [[3], [4.5], [restarted / 2]], 1e-6);
  });

  it('never restarts codes unless told to', () => {
    const quantiser = make({ codes: 2, depth: 1 }, tf.tensor2d([[0], [100]]));
    const query = tf.tensor3d([[[1], [2]]]);
    for (let step = 0; step < 20; step++) quantiser.update(quantiser.quantise(query).statistics, key);
    expect(quantiser.codebook.dataSync()[1]).toBe(100);
  });

  it('keeps codebook, sums, counts and their weight as its state, and no weights', () => {
    const quantiser = make({});
    expect([...quantiser.state().keys()]).toEqual(['codebook', 'sums', 'counts', 'weightOfBatches']);
    expect(quantiser.weights().size).toBe(0);
  });

  it('names values that it cannot work with', () => {
    expect(() => make({ codes: 1 })).toThrow('codes is 1, but must be an integer of at least 2');
    expect(() => make({ alpha: 1 })).toThrow('alpha is 1, but must be in [0, 1)');
    expect(() => make({ beta: -1 })).toThrow('beta is -1, but must be at least 0');
    expect(() => make({ restartBelow: 0 })).toThrow('restartBelow is 0, but must be positive');
    expect(() => make({}).quantise(tf.zeros([1, 2, 4]))).toThrow('query has shape [1, 2, 4]');
    expect(() => {
      make({}).update({ counts: tf.zeros([5]), sums: tf.zeros([4, 3]) }, key);
    }).toThrow('statistics.counts has shape [5], not [4]');
  });

  it('frees what it makes', async () => {
    const quantiser = make({ restartBelow: 1 });
    const query = tf.randomNormal<tf.Rank.R3>([2, 5, 3], 0, 1, 'float32', 1);
    await expectNoLeak(() => {
      quantiser.initialise(query, key);
      const result = quantiser.quantise(query);
      quantiser.update(result.statistics, key);
      tf.dispose([quantiser.lookup(result.codes), { ...result }]);
    });
    const state = quantiser.state().size;
    const before = tf.memory().numTensors;
    quantiser.dispose();
    expect(tf.memory().numTensors).toBe(before - state);
  });
});
