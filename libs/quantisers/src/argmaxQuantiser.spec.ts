import { selectBackend } from '@fermata/tensor';
import {
  expectClose,
  expectGradients,
  expectNoLeak,
  goldenTensor,
  loadGoldens,
  testBackends,
} from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { divisiveNormalisation } from '@fermata/tensor';

import { ArgmaxQuantiser, squaredDiversity } from './argmaxQuantiser';

const golden = loadGoldens('quantisers/quantisers').argmaxQuantiser;
const make = (codes = 4): ArgmaxQuantiser =>
  new ArgmaxQuantiser({ kind: 'argmax', codes, nu: 0.3, epsilon: 1e-3 });

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

  it('has the gradient of the query that PyTorch has', () => {
    const quantiser = make();
    const gradient = tf.grad((query: tf.Tensor) => {
      const { quantised, losses } = quantiser.quantise(query as tf.Tensor3D);
      return tf.add(tf.sum(tf.mul(quantised, goldenTensor(golden.cotangent))), losses.diversity);
    })(goldenTensor(golden.query));
    expectClose(gradient, goldenTensor(golden.queryGradient), 1e-4);
  });
});

describe('ArgmaxQuantiser', () => {
  beforeAll(() => selectBackend('cpu'));

  it('has a diversity loss that is 0 where all codes are used alike and k² − k where one is alone', () => {
    const uniform = tf.tensor3d([[[1, 0, 0], [0, 1, 0]], [[0, 0, 1], [1 / 3, 1 / 3, 1 / 3]]]); // prettier-ignore
    expectClose(squaredDiversity(uniform), 0, 1e-6);
    const alone = tf.tensor3d([[[1, 0, 0], [1, 0, 0]]]); // prettier-ignore
    expectClose(squaredDiversity(alone), 6, 1e-5);
  });

  it('has the diversity gradient of finite differences', () => {
    // Away from 0, where the ReLU has no gradient.
    const query = tf.tensor3d([[[0.5, 1, -0.4, 0.8], [0.3, -1, 0.9, 0.2]]]); // prettier-ignore
    expectGradients((q) => make().quantise(q as tf.Tensor3D).losses.diversity, [query], { step: 1e-3 });
  });

  it('survives a batch with nothing but zeros', () => {
    const query = tf.zeros<tf.Rank.R3>([2, 3, 4]);
    const { value, grad } = tf.valueAndGrad((q: tf.Tensor) => {
      const { quantised, losses } = make().quantise(q as tf.Tensor3D);
      return tf.add(tf.sum(quantised), losses.diversity);
    })(query);
    expectClose(value, 6 + 0.3 * 4, 1e-5);
    expectClose(grad, tf.zeros([2, 3, 4]), 0);
  });

  it('looks codes up as one-hot vectors', () => {
    expectClose(make(3).lookup(tf.tensor2d([[2, 0]], [1, 2], 'int32')), [[[0, 0, 1], [1, 0, 0]]], 0); // prettier-ignore
  });

  it('names values that it cannot work with', () => {
    expect(() => make(1)).toThrow('codes is 1, but must be an integer of at least 2');
    expect(() => new ArgmaxQuantiser({ kind: 'argmax', codes: 4, nu: -1 })).toThrow('nu is -1');
    expect(() => new ArgmaxQuantiser({ kind: 'argmax', codes: 4, nu: 1, epsilon: 0 })).toThrow(
      'epsilon is 0',
    );
    expect(() => make().quantise(tf.zeros([1, 2, 5]))).toThrow('query has shape [1, 2, 5]');
  });

  it('frees what it makes', async () => {
    const query = tf.randomNormal<tf.Rank.R3>([2, 5, 4], 0, 1, 'float32', 1);
    await expectNoLeak(() => {
      tf.dispose({ ...make().quantise(query) });
    });
  });
});
