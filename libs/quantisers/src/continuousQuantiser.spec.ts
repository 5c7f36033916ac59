import { selectBackend } from '@fermata/tensor';
import { expectClose } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { ContinuousQuantiser } from './continuousQuantiser';

const make = (depth: number): ContinuousQuantiser => new ContinuousQuantiser({ kind: 'continuous', depth });

describe('ContinuousQuantiser', () => {
  beforeAll(() => selectBackend('cpu'));

  it('lets queries and gradients through as they are', () => {
    const query = tf.randomNormal<tf.Rank.R3>([2, 3, 4], 0, 1, 'float32', 1);
    expectClose(make(4).quantise(query).quantised, query, 0);
    const gradient = tf.grad((q: tf.Tensor) =>
      tf.sum(tf.square(make(4).quantise(q as tf.Tensor3D).quantised)),
    );
    expectClose(gradient(query), tf.mul(query, 2), 1e-6);
  });

  it('has codes that say nothing, and says so', () => {
    const quantiser = make(4);
    const { codes, losses, metrics, statistics } = quantiser.quantise(tf.ones([1, 3, 4]));
    expectClose(codes, [[0, 0, 0]], 0);
    expect({ losses, metrics, statistics }).toEqual({ losses: {}, metrics: {}, statistics: {} });
    expect(quantiser.codebookSize).toBeNull();
    expect(() => quantiser.lookup()).toThrow("a 'continuous' quantiser has no codes to look up");
  });

  it('names values that it cannot work with', () => {
    expect(() => make(0)).toThrow('quantiser: depth is 0. It must be a whole number from 1.');
  });
});
