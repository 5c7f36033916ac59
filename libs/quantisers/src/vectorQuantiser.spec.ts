import { randomKey } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';
import {
  expectClose,
  expectGradients,
  goldenTensor,
  loadGoldens,
  type Golden,
  testBackends,
} from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import type { CodebookAverages } from './codebookAverages';
import {
  VectorQuantiser,
  type EmaVectorQuantiserConfig,
  type GradientVectorQuantiserConfig,
} from './vectorQuantiser';

const key = randomKey('quantisers');
const goldens = loadGoldens('quantisers/quantisers');

const config: EmaVectorQuantiserConfig = { kind: 'vq', codebookSize: 4, depth: 3, alpha: 0.9, beta: 0.25 };

function make(
  changes: Partial<EmaVectorQuantiserConfig>,
  codebook?: tf.Tensor,
): VectorQuantiser & { averages: CodebookAverages } {
  const quantiser = new VectorQuantiser({ ...config, ...changes }, key) as VectorQuantiser & {
    averages: CodebookAverages;
  };
  if (codebook !== undefined) quantiser.codebook.assign(codebook as tf.Tensor2D);
  return quantiser;
}

const gradientConfig: GradientVectorQuantiserConfig = {
  kind: 'vq',
  codebookSize: 4,
  depth: 3,
  beta: 0.25,
  codebook: 'gradient',
};

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

  it('has the codebook loss, and the gradients of query and codebook, that PyTorch has', () => {
    const golden = goldens.gradientCodebook;
    const quantiser = new VectorQuantiser(gradientConfig, key);
    const { codebook } = quantiser;
    codebook.assign(goldenTensor(golden.codebook) as tf.Tensor2D);
    const query = goldenTensor(golden.query) as tf.Tensor3D;
    const { codes, losses } = quantiser.quantise(query);
    expectClose(codes, goldenTensor(golden.codes), 0);
    expectClose(losses.codebook, goldenTensor(golden.codebookLoss), 1e-5);
    expectClose(losses.commitment, goldenTensor(golden.commitment), 1e-5);
    const [queryGradient, codebookGradient] = tf.grads((...[x]: tf.Tensor[]) => {
      const result = quantiser.quantise(x as tf.Tensor3D);
      const likelihood = tf.sum(tf.mul(result.quantised, goldenTensor(golden.cotangent)));
      return tf.addN([likelihood, result.losses.codebook, result.losses.commitment]);
    })([query, codebook]);
    expectClose(queryGradient, goldenTensor(golden.queryGradient), 1e-5);
    expectClose(codebookGradient, goldenTensor(golden.codebookGradient), 1e-5);
  });

  it('moves its codebook as debiased averages do in PyTorch, step after step', () => {
    const golden = goldens.movingAverages;
    const quantiser = make({ codebookSize: 5 }, goldenTensor(golden.codebook0));
    const batches = tf.unstack(goldenTensor(golden.queries)) as tf.Tensor3D[];
    batches.forEach((batch, index) => {
      quantiser.update(quantiser.quantise(batch).statistics, key);
      expectClose(quantiser.codebook, goldenTensor(golden[`codebook${index + 1}`]), 1e-5);
    });
    for (const name of ['counts', 'sums', 'weightOfBatches'] as const) {
      expectClose(quantiser.averages[name], goldenTensor(golden[name]), 1e-5);
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
    const quantiser = make({ codebookSize: 2, depth: 1, beta: 1, alpha: 0 }, tf.tensor2d([[0], [10]]));
    const query = tf.tensor3d([[[1], [3], [9]]]);
    const before = quantiser.quantise(query);
    expectClose(before.losses.commitment, (1 + 9 + 1) / 3, 1e-6);
    expectClose(quantiser.codebook, [[0], [10]], 0);
    quantiser.update(before.statistics, key);
    expectClose(quantiser.codebook, [[2], [9]], 1e-6);
    expectClose(quantiser.quantise(query).losses.commitment, (1 + 1 + 0) / 3, 1e-6);
  });

  it('takes the mean of the first batch whole, and keeps an unused code in place', () => {
    const quantiser = make({ codebookSize: 2, depth: 1, alpha: 0.999 }, tf.tensor2d([[5], [-7]]));
    quantiser.update(statistics([4, 0], [[2], [0]]), key);
    expectClose(quantiser.codebook, [[2], [-7]], 1e-5);
    for (let step = 0; step < 100; step++) quantiser.update(statistics([0, 3], [[0], [1]]), key);
    expectClose(quantiser.codebook, [[2], [1]], 1e-5);
  });

  it('comes back from a disuse so long that its averages vanish', () => {
    const quantiser = make({ codebookSize: 2, depth: 1, alpha: 0.01 }, tf.tensor2d([[5], [0]]));
    quantiser.update(statistics([4, 1], [[2], [0]]), key);
    for (let step = 0; step < 40; step++) quantiser.update(statistics([0, 1], [[0], [0]]), key);
    expectClose(quantiser.averages.counts, [0, 1], 1e-6);
    expectClose(quantiser.codebook, [[2], [0]], 1e-6);
    quantiser.update(statistics([1, 1], [[3], [0]]), key);
    expectClose(quantiser.codebook, [[3], [0]], 1e-6);
  });

  it('initialises from different queries of the batch and forgets its averages', () => {
    const quantiser = make({ codebookSize: 4, depth: 2 });
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
    expectClose(quantiser.averages.counts, [0, 0, 0, 0], 0);
    expectClose(quantiser.averages.weightOfBatches, 0, 0);
    const again = make({ codebookSize: 4, depth: 2 });
    again.initialise(query, key);
    expect(again.codebook.arraySync()).toEqual(rows);
    again.initialise(query, randomKey('another'));
    expect(again.codebook.arraySync()).not.toEqual(rows);
  });

  it('initialises from every query if there are as many queries as codes', () => {
    const quantiser = make({ codebookSize: 12, depth: 1 });
    const values = Array.from({ length: 12 }, (_, i) => i);
    quantiser.initialise(tf.tensor3d(values, [1, 12, 1]), key);
    expect([...quantiser.codebook.dataSync()].sort((a, b) => a - b)).toEqual(values);
  });

  it('initialises from fewer queries than it has codes', () => {
    const quantiser = make({ codebookSize: 4, depth: 1 });
    quantiser.initialise(tf.tensor3d([[[1], [2]]]), key);
    expect([...quantiser.codebook.dataSync()].sort()).toEqual([1, 1, 2, 2]);
  });

  it('restarts vector, sum and count of unused codes together, and only of those', () => {
    const quantiser = make(
      { codebookSize: 3, depth: 1, alpha: 0.5, restartBelow: 1 },
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
    expectClose(quantiser.averages.counts, [1.5, 0.5, 0.5], 1e-6);
    expectClose(quantiser.averages.sums, [[3], [4.5], [restarted / 2]], 1e-6);
  });

  it('never restarts codes unless told to', () => {
    const quantiser = make({ codebookSize: 2, depth: 1 }, tf.tensor2d([[0], [100]]));
    const query = tf.tensor3d([[[1], [2]]]);
    for (let step = 0; step < 20; step++) quantiser.update(quantiser.quantise(query).statistics, key);
    expect(quantiser.codebook.dataSync()[1]).toBe(100);
  });

  it('keeps codebook, averages and their weight as its state, and no weights', () => {
    const quantiser = make({});
    expect([...quantiser.state().keys()]).toEqual([
      'averages/sums',
      'averages/counts',
      'averages/weightOfBatches',
      'window/histogram',
      'codebook',
    ]);
    expect(quantiser.weights().size).toBe(0);
  });

  it('has a codebook learnt by gradient as its weight, which update leaves where it is', () => {
    const quantiser = new VectorQuantiser(gradientConfig, key);
    expect([...quantiser.weights().keys()]).toEqual(['codebook']);
    expect([...quantiser.state().keys()]).toEqual(['window/histogram']);
    const query = tf.randomNormal<tf.Rank.R3>([2, 6, 3], 0, 1, 'float32', 1);
    quantiser.initialise(query, key);
    const vectors = quantiser.codebook.dataSync().slice();
    for (const vector of quantiser.codebook.arraySync()) {
      expect(query.arraySync().flat()).toContainEqual(vector);
    }
    const { statistics: found } = quantiser.quantise(query);
    expect(Object.keys(found)).toEqual(['counts']);
    quantiser.update(found, key);
    expectClose(quantiser.codebook, vectors, 0);
  });

  it('minimises the codebook loss by gradient descent: vectors come to the means of their queries', () => {
    const quantiser = new VectorQuantiser({ ...gradientConfig, codebookSize: 2, depth: 1, beta: 0 }, key);
    quantiser.codebook.assign(tf.tensor2d([[0], [10]]));
    const query = tf.tensor3d([[[1], [3], [9], [8]]]);
    const optimiser = tf.train.sgd(0.2);
    for (let step = 0; step < 60; step++) {
      optimiser.minimize(() => quantiser.quantise(query).losses.codebook, false, [quantiser.codebook]);
    }
    expectClose(quantiser.codebook, [[2], [8.5]], 1e-3);
  });

  it('follows hyper-parameters that are moved between steps', () => {
    const moved = make({ codebookSize: 2, depth: 1, alpha: 0.9, beta: 1 }, tf.tensor2d([[0], [10]]));
    const query = tf.tensor3d([[[1], [12]]]);
    const step = () => {
      const { losses, statistics } = moved.quantise(query);
      moved.update(statistics, key);
      return losses.commitment.dataSync()[0];
    };
    const hyperparameters = moved.hyperparameters();
    expect([...hyperparameters.keys()].sort()).toEqual(['alpha', 'beta']);
    // The mean of 1² and 2², and after one update the vectors are where the queries are.
    hyperparameters.get('beta')!.set(3, 'beta');
    expect(step()).toBeCloseTo(3 * 2.5, 5);
    tf.tidy(() => {
      moved.codebook.assign(tf.tensor2d([[0], [10]]));
    });
    // With α = 0 the averages are those of the last batch alone.
    hyperparameters.get('alpha')!.set(0, 'alpha');
    const other = tf.tensor3d([[[2], [9]]]);
    const { statistics } = moved.quantise(other);
    moved.update(statistics, key);
    expectClose(moved.codebook, [[2], [9]], 1e-6);
    expect(() => {
      hyperparameters.get('alpha')!.set(1, 'quantiser/alpha');
    }).toThrow('quantiser/alpha is 1. It must be a number at least 0 and below 1.');
  });

  it('names values that it cannot work with', () => {
    expect(() => make({ codebookSize: 1 })).toThrow(
      'quantiser: codebookSize is 1. It must be a whole number from 2',
    );
    expect(() => make({ alpha: 1 })).toThrow(
      'quantiser: alpha is 1. It must be a number at least 0 and below 1.',
    );
    expect(() => make({ beta: -1 })).toThrow('quantiser: beta is -1. It must be a number at least 0.');
    expect(() => make({ restartBelow: 0 })).toThrow(
      'quantiser: restartBelow is 0. It must be a number above 0.',
    );
    const missing = { ...config, alpha: undefined } as unknown as EmaVectorQuantiserConfig;
    expect(() => new VectorQuantiser(missing, key)).toThrow('quantiser: alpha is missing.');
    expect(() => make({ codebook: 'kmeans' as 'ema' })).toThrow(
      'quantiser: codebook is "kmeans". It must be one of "ema", "gradient".',
    );
    for (const useless of [{ alpha: 0.5 }, { restartBelow: 0.5 }]) {
      expect(() => new VectorQuantiser({ ...gradientConfig, ...useless }, key)).toThrow(
        `quantiser: ${Object.keys(useless)[0]} (0.5) is not a key of this config. The keys are kind, codebookSize, depth, beta, codebook.`,
      );
    }
    expect(() => {
      make({}).update({ counts: tf.zeros([5]), sums: tf.zeros([4, 3]) }, key);
    }).toThrow('statistics.counts has shape [5], not [4]');
  });
});
