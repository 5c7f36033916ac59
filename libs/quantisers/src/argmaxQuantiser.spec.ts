import { selectBackend } from '@fermata/tensor';
import { expectClose, expectGradients, goldenTensor, loadGoldens, testBackends } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { divisiveNormalisation } from '@fermata/tensor';

import { ArgmaxQuantiser, type ArgmaxQuantiserConfig } from './argmaxQuantiser';
import { diversity } from './diversity';

const goldens = loadGoldens('quantisers/quantisers');
const golden = goldens.argmaxQuantiser;
const config: ArgmaxQuantiserConfig = {
  kind: 'argmax',
  codebookSize: 4,
  diversity: { kind: 'squared-sum', nu: 0.3 },
  epsilon: 1e-3,
};
const make = (changes: Partial<ArgmaxQuantiserConfig> = {}): ArgmaxQuantiser =>
  new ArgmaxQuantiser({ ...config, ...changes });
const softmaxConfig: ArgmaxQuantiserConfig = {
  kind: 'argmax',
  codebookSize: 4,
  simplex: 'softmax',
  diversity: { kind: 'negative-entropy', nu: 0.7 },
};

describe.each(testBackends)('ArgmaxQuantiser on %s', (backend) => {
  beforeAll(() => selectBackend(backend));

  it('gives the codes, losses and metrics that PyTorch gives, all-zero positions among them', () => {
    const query = goldenTensor(golden.query) as tf.Tensor3D;
    const result = make().quantise(query);
    expect(result.codes.dtype).toBe('int32');
    const found = { ...result, ...result.losses, ...result.metrics } as unknown as tf.NamedTensorMap;
    for (const name of [
      'codes',
      'quantised',
      'diversity',
      'quantisationError',
      'codesInUse',
      'batchPerplexity',
    ]) {
      expectClose(found[name], goldenTensor(golden[name]), 1e-5);
    }
    expectClose(divisiveNormalisation(query, 1e-3), goldenTensor(golden.simplex), 1e-6);
  });

  it('adds 1e-5 to the sum by which queries are divided, unless told otherwise', () => {
    const { epsilon, ...rest } = config;
    expect(epsilon).not.toBe(1e-5);
    // A single element of 1e-5 is a half of itself and ε.
    const { metrics } = new ArgmaxQuantiser(rest).quantise(tf.tensor3d([[[1e-5, 0, 0, 0]]]));
    expectClose(metrics.quantisationError, 0.25, 1e-4);
  });

  it('has the gradient of the query that PyTorch has', () => {
    const quantiser = make();
    const gradient = tf.grad((query: tf.Tensor) => {
      const { quantised, losses } = quantiser.quantise(query as tf.Tensor3D);
      return tf.add(tf.sum(tf.mul(quantised, goldenTensor(golden.cotangent))), losses.diversity);
    })(goldenTensor(golden.query));
    expectClose(gradient, goldenTensor(golden.queryGradient), 1e-4);
  });

  it('gives the values and the gradient that PyTorch gives with softmax and the entropy', () => {
    const softmaxed = goldens.softmaxQuantiser;
    const quantiser = new ArgmaxQuantiser(softmaxConfig);
    const query = goldenTensor(softmaxed.query) as tf.Tensor3D;
    const { codes, quantised, losses, metrics } = quantiser.quantise(query);
    expectClose(codes, goldenTensor(softmaxed.codes), 0);
    expectClose(quantised, goldenTensor(softmaxed.quantised), 1e-6);
    expectClose(losses.diversity, goldenTensor(softmaxed.diversity), 1e-5);
    expectClose(metrics.quantisationError, goldenTensor(softmaxed.quantisationError), 1e-5);
    const gradient = tf.grad((x: tf.Tensor) => {
      const result = quantiser.quantise(x as tf.Tensor3D);
      const likelihood = tf.sum(tf.mul(result.quantised, goldenTensor(softmaxed.cotangent)));
      return tf.add(likelihood, result.losses.diversity);
    })(query);
    expectClose(gradient, goldenTensor(softmaxed.queryGradient), 1e-5);
  });

  it('gives the losses and the gradient that PyTorch gives with a commitment and a mean diversity', () => {
    const committed = goldens.committedArgmaxQuantiser;
    const quantiser = make({ beta: 0.6, diversity: { kind: 'squared-mean', nu: 0.3 } });
    const query = goldenTensor(committed.query) as tf.Tensor3D;
    const { losses } = quantiser.quantise(query);
    expectClose(losses.diversity, goldenTensor(committed.diversity), 1e-5);
    expectClose(losses.commitment, goldenTensor(committed.commitment), 1e-5);
    const gradient = tf.grad((x: tf.Tensor) => {
      const result = quantiser.quantise(x as tf.Tensor3D).losses;
      return tf.add(result.diversity, result.commitment);
    })(query);
    expectClose(gradient, goldenTensor(committed.queryGradient), 1e-5);
  });
});

describe('ArgmaxQuantiser', () => {
  beforeAll(() => selectBackend('cpu'));

  it.each([
    ['squared-sum', 0, 6],
    ['squared-mean', 0, 2],
    ['negative-entropy', -Math.log(3), 0],
  ] as const)(
    'has a %s that is %d where all codes are used alike and %d where one is alone',
    (kind, least, most) => {
      const uniform = tf.tensor3d([[[1, 0, 0], [0, 1, 0]], [[0, 0, 1], [1 / 3, 1 / 3, 1 / 3]]]); // prettier-ignore
      expectClose(diversity(uniform, { kind, nu: 1 }), least, 1e-6);
      const alone = tf.tensor3d([[[1, 0, 0], [1, 0, 0]]]); // prettier-ignore
      expectClose(diversity(alone, { kind, nu: 1 }), most, 1e-5);
      expectClose(diversity(alone, { kind, nu: 0.5 }), most / 2, 1e-5);
    },
  );

  it.each(['squared-sum', 'squared-mean', 'negative-entropy'] as const)(
    'has, of the %s and a commitment, the gradient of finite differences',
    (kind) => {
      const quantiser = make({ diversity: { kind, nu: 0.3 }, beta: 0.5 });
      // Away from 0, where the ReLU has no gradient.
      const query = tf.tensor3d([[[0.5, 1, -0.4, 0.8], [0.3, -1, 0.9, 0.2]]]); // prettier-ignore
      expectGradients((q) => tf.addN(Object.values(quantiser.quantise(q as tf.Tensor3D).losses)), [query], {
        step: 1e-3,
      });
    },
  );

  // The paper prints the loss with the sign by which this would fall.
  it.each(['relu', 'softmax'] as const)(
    'raises the entropy by descending its negative with %s',
    (simplex) => {
      const quantiser = new ArgmaxQuantiser({ ...softmaxConfig, simplex });
      const moved = tf.variable(tf.tensor3d([[[3, 0.2, 0.1, 0.3], [2, 0.5, 0.4, 0.1], [3, 0.1, 0.7, 0.2]]])); // prettier-ignore
      const entropies: number[] = [];
      const optimiser = tf.train.sgd(2);
      for (let step = 0; step < 50; step++) {
        const loss = optimiser.minimize(() => quantiser.quantise(moved).losses.diversity, true, [moved])!;
        entropies.push(-loss.dataSync()[0] / 0.7);
      }
      expect(entropies[0]).toBeLessThan(1);
      for (const [step, entropy] of entropies.slice(1).entries()) {
        expect(entropy).toBeGreaterThan(entropies[step] - 1e-6);
      }
      expect(entropies[49]).toBeGreaterThan(0.95 * Math.log(4));
    },
  );

  it('survives softmax of queries that overflow, and the entropy of unused codes', () => {
    const { value, grad } = tf.valueAndGrad((q: tf.Tensor) => {
      const { quantised, losses } = new ArgmaxQuantiser(softmaxConfig).quantise(q as tf.Tensor3D);
      return tf.add(tf.sum(quantised), losses.diversity);
    })(tf.tensor3d([[[1000, -1000, 0, 0]]]));
    expectClose(value, 1, 1e-6);
    expectClose(grad, tf.zeros([1, 1, 4]), 1e-6);
  });

  it('survives a batch with nothing but zeros', () => {
    const { value, grad } = tf.valueAndGrad((q: tf.Tensor) => {
      const { quantised, losses } = make().quantise(q as tf.Tensor3D);
      return tf.add(tf.sum(quantised), losses.diversity);
    })(tf.zeros<tf.Rank.R3>([2, 3, 4]));
    expectClose(value, 6 + 0.3 * 4, 1e-5);
    expectClose(grad, tf.zeros([2, 3, 4]), 0);
  });

  it('looks codes up as one-hot vectors', () => {
    expectClose(make({ codebookSize: 3 }).lookup(tf.tensor2d([[2, 0]], [1, 2], 'int32')), [[[0, 0, 1], [1, 0, 0]]], 0); // prettier-ignore
  });

  it('names values that it cannot work with', () => {
    expect(() => make({ codebookSize: 1 })).toThrow(
      'quantiser: codebookSize is 1. It must be a whole number from 2',
    );
    expect(() => make({ diversity: { kind: 'squared-sum', nu: -1 } })).toThrow(
      'quantiser: diversity.nu is -1. It must be a number at least 0.',
    );
    expect(() => make({ diversity: { kind: 'entropy' as 'squared-sum', nu: 1 } })).toThrow(
      'quantiser: diversity.kind is "entropy". It must be one of "squared-sum", "squared-mean", "negative-entropy".',
    );
    expect(() => make({ beta: -1 })).toThrow('quantiser: beta is -1. It must be a number at least 0.');
    expect(() => make({ epsilon: 0 })).toThrow('quantiser: epsilon is 0. It must be a number above 0.');
    expect(() => make({ simplex: 'softmax' })).toThrow(
      'quantiser: epsilon (0.001) is not a key of this config.',
    );
    expect(() => make({ simplex: 'sparsemax' as 'relu' })).toThrow(
      'quantiser: simplex is "sparsemax". It must be one of "relu", "softmax".',
    );
  });
});
