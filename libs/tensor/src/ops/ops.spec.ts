import { randomKey } from '@fermata/core';
import { expectClose, expectGradients, expectNoLeak, testBackends } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { selectBackend } from '../backend';
import { normalTensor } from '../initialise';
import { dense, dilatedConvolution, shift, tapOffsets } from './convolution';
import { crossEntropy } from './crossEntropy';
import { embeddingLookup } from './symbolInput';
import { gatedResidualLayer } from './gatedResidualLayer';
import { oneHot } from './oneHot';
import { meanPool, repeat } from './resample';
import { stopGradient, straightThrough } from './straightThrough';

const random = (name: string, shape: number[]): tf.Tensor => normalTensor(randomKey(name), shape);

describe.each(testBackends)('on %s', (backend) => {
  beforeAll(() => selectBackend(backend));

  describe('shift', () => {
    const x = [[[1], [2], [3]]];

    it('moves later and earlier, and zeros come in', () => {
      expectClose(shift(tf.tensor3d(x), 1), [[[0], [1], [2]]], 0);
      expectClose(shift(tf.tensor3d(x), -2), [[[3], [0], [0]]], 0);
      expectClose(shift(tf.tensor3d(x), 0), x, 0);
      expectClose(shift(tf.tensor3d(x), 3), [[[0], [0], [0]]], 0);
      expectClose(shift(tf.tensor3d(x), -7), [[[0], [0], [0]]], 0);
    });

    it('has gradients', () => {
      expectGradients((t) => shift(t as tf.Tensor3D, 2), [random('x', [2, 5, 2])]);
      expectGradients((t) => shift(t as tf.Tensor3D, -1), [random('x', [2, 5, 2])]);
    });
  });

  describe('dense', () => {
    it('is the same at every timestep, with or without a bias', () => {
      const x = tf.tensor3d([[[1, 2], [3, 4]]]); // prettier-ignore
      const kernel = tf.tensor2d([[1, 0, 1], [0, 1, 10]]); // prettier-ignore
      expectClose(dense(x, kernel), [[[1, 2, 21], [3, 4, 43]]], 0); // prettier-ignore
      expectClose(dense(x, kernel, tf.tensor1d([0, 0, 5])), [[[1, 2, 26], [3, 4, 48]]], 0); // prettier-ignore
    });
  });

  describe('meanPool and repeat', () => {
    it('are each other’s transpose but for the factor hop', () => {
      const x = tf.tensor3d([[[1, 10], [3, 30], [5, 50], [7, 70]]]); // prettier-ignore
      expectClose(meanPool(x, 2), [[[2, 20], [6, 60]]], 0); // prettier-ignore
      expectClose(repeat(meanPool(x, 2), 2), [[[2, 20], [2, 20], [6, 60], [6, 60]]], 0); // prettier-ignore
      expectClose(repeat(x, 1), x, 0);
    });

    it('have gradients', () => {
      expectGradients((t) => meanPool(t as tf.Tensor3D, 3), [random('x', [2, 6, 3])]);
      expectGradients((t) => repeat(t as tf.Tensor3D, 3), [random('x', [2, 4, 3])]);
    });

    it('report shapes that do not fit', () => {
      expect(() => meanPool(tf.zeros([1, 5, 1]), 2)).toThrow('5 timesteps are not a multiple of the hop 2');
      expect(() => repeat(tf.zeros([1, 5, 1]), 0)).toThrow('hop is 0, but must be an integer of at least 1');
    });
  });

  describe('straightThrough and stopGradient', () => {
    it('forward the value, backward the identity or nothing', () => {
      const query = random('query', [2, 3]);
      const quantised = random('quantised', [2, 3]);
      expectClose(straightThrough(query, quantised), quantised, 0);
      expectClose(stopGradient(query), query, 0);
      const weights = random('weights', [2, 3]);
      const toQuery = tf.grad((q) => tf.sum(tf.mul(straightThrough(q, quantised), weights)));
      expectClose(toQuery(query), weights, 0);
      // The quantised value depends on the query, but no gradient flows through it.
      const through = tf.grad((q) => tf.sum(tf.mul(straightThrough(q, tf.mul(q, 5)), weights)));
      expectClose(through(query), weights, 0);
      const product = tf.grad((q) => tf.sum(tf.mul(stopGradient(q), q)));
      expectClose(product(query), query, 1e-6);
    });
  });

  it('oneHot gives real numbers, and zeros for indices outside', () => {
    expectClose(oneHot(tf.tensor1d([1, -1, 3, 0], 'int32'), 3), [[0, 1, 0], [0, 0, 0], [0, 0, 0], [1, 0, 0]], 0); // prettier-ignore
    expect(oneHot(tf.tensor1d([1], 'int32'), 3).dtype).toBe('float32');
  });

  it('NaN is not hidden', () => {
    const bad = tf.tensor3d([[[0], [NaN], [0], [0]]]);
    const one = tf.ones<tf.Rank.R3>([2, 1, 1]);
    const y = dilatedConvolution(bad, one, tf.zeros([1]), { dilation: 1, padding: 'causal' }).dataSync();
    expect([...y].map(Number.isNaN)).toEqual([false, true, true, false]);
    const logits = tf.tensor3d([[[0, NaN, 1], [0, 0, 0], [Infinity, 0, 0]]]); // prettier-ignore
    const nll = crossEntropy(logits, tf.tensor2d([[0, 1, 1]], [1, 3], 'int32')).dataSync();
    expect(nll[0]).toBeNaN();
    expect(nll[1]).toBeCloseTo(Math.log(3));
    expect(nll[2]).toBeNaN();
  });

  it('a symbol of probability 0 costs much but stays a number', () => {
    const nll = crossEntropy(tf.tensor3d([[[1000, -1000]]]), tf.tensor2d([[1]], [1, 1], 'int32'));
    expectClose(nll, [[2000]], 1e-6);
  });

  it('no op leaves a tensor behind', async () => {
    const x = random('x', [2, 8, 4]) as tf.Tensor3D;
    const symbols = tf.zeros<tf.Rank.R2>([2, 8], 'int32');
    const table = random('table', [5, 4]) as tf.Tensor2D;
    const weights = {
      kernel: random('kernel', [2, 4, 6]) as tf.Tensor3D,
      bias: random('bias', [6]) as tf.Tensor1D,
      residualKernel: random('residual', [3, 4]) as tf.Tensor2D,
      residualBias: random('residual bias', [4]) as tf.Tensor1D,
      skipKernel: random('skip', [3, 5]) as tf.Tensor2D,
      skipBias: random('skip bias', [5]) as tf.Tensor1D,
    };
    const conditioning = random('conditioning', [2, 2, 6]) as tf.Tensor3D;
    const loss = (): tf.Scalar =>
      tf.tidy(() => {
        const input = tf.add<tf.Tensor3D>(embeddingLookup(symbols, table), shift(x, 1));
        const { output, skip } = gatedResidualLayer(
          input,
          weights,
          { dilation: 2, padding: 'causal' },
          conditioning,
        );
        const value = tf.mean<tf.Scalar>(crossEntropy(skip, symbols));
        return tf.add(value, tf.mean(straightThrough(meanPool(output, 4), tf.zeros([2, 2, 4]))));
      });
    await expectNoLeak(() => {
      loss().dispose();
    });
    await expectNoLeak(() => {
      const inputs = [x, table, conditioning, ...Object.values(weights)];
      tf.dispose(tf.valueAndGrads(() => loss())(inputs));
    });
  });
});

describe('shapes that do not fit', () => {
  beforeAll(() => selectBackend('cpu'));

  it('are named', () => {
    const causal = { dilation: 1, padding: 'causal' } as const;
    expect(() => dilatedConvolution(tf.zeros([1, 4, 3]), tf.zeros([2, 2, 5]), tf.zeros([5]), causal)).toThrow(
      'x of a convolution has shape [1, 4, 3], not [batch, time, 2]',
    );
    expect(() => dilatedConvolution(tf.zeros([1, 4, 2]), tf.zeros([2, 2, 5]), tf.zeros([4]), causal)).toThrow(
      'bias of a convolution has shape [4], not [5]',
    );
    expect(() => tapOffsets(2, { dilation: 1, padding: 'centred' })).toThrow('odd width, not 2');
    expect(() => tapOffsets(2, { dilation: 1.5, padding: 'causal' })).toThrow('dilation is 1.5');
    expect(() => dense(tf.zeros([1, 4, 2]), tf.zeros([3, 2]))).toThrow(
      'kernel of a dense map has shape [3, 2], not [2, 2]',
    );
    expect(() => crossEntropy(tf.zeros([1, 4, 2]), tf.zeros([1, 3], 'int32'))).toThrow(
      'targets of a cross-entropy has shape [1, 3], not [1, 4]',
    );
    expect(() => straightThrough(tf.zeros([2]), tf.zeros([3]))).toThrow('quantised has shape [3], not [2]');
    const weights = {
      kernel: tf.zeros<tf.Rank.R3>([2, 2, 6]),
      bias: tf.zeros<tf.Rank.R1>([6]),
      skipKernel: tf.zeros<tf.Rank.R2>([3, 2]),
      skipBias: tf.zeros<tf.Rank.R1>([2]),
    };
    expect(() => gatedResidualLayer(tf.zeros([1, 4, 2]), weights, causal, tf.zeros([1, 2, 5]))).toThrow(
      'conditioning of a layer has shape [1, 2, 5], not [1, 2, 6]',
    );
    expect(() => gatedResidualLayer(tf.zeros([1, 4, 2]), weights, causal, tf.zeros([1, 3, 6]))).toThrow(
      'conditioning of a layer has 3 timesteps, which do not divide the 4 of x',
    );
  });
});
