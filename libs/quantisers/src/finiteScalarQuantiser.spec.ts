import { selectBackend } from '@fermata/tensor';
import { expectClose, goldenTensor, loadGoldens, testBackends } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { FiniteScalarQuantiser } from './finiteScalarQuantiser';

const golden = loadGoldens('quantisers/quantisers').finiteScalarQuantiser;
const make = (...levels: number[]): FiniteScalarQuantiser =>
  new FiniteScalarQuantiser({ kind: 'fsq', levels });

describe.each(testBackends)('FiniteScalarQuantiser on %s', (backend) => {
  beforeAll(() => selectBackend(backend));

  it('gives the values, the codes and the gradient that PyTorch gives, at the bounds too', () => {
    const quantiser = make(4, 3, 5);
    const query = goldenTensor(golden.query) as tf.Tensor3D;
    const { codes, quantised, losses, metrics } = quantiser.quantise(query);
    expectClose(codes, goldenTensor(golden.codes), 0);
    expectClose(quantised, goldenTensor(golden.quantised), 1e-6);
    expectClose(metrics.quantisationError, goldenTensor(golden.quantisationError), 1e-5);
    expect(losses).toEqual({});
    const gradient = tf.grad((x: tf.Tensor) =>
      tf.sum(tf.mul(quantiser.quantise(x as tf.Tensor3D).quantised, goldenTensor(golden.cotangent))),
    )(query);
    expectClose(gradient, goldenTensor(golden.queryGradient), 1e-5);
  });
});

describe('FiniteScalarQuantiser', () => {
  beforeAll(() => selectBackend('cpu'));

  it.each([[[4, 4, 4, 4]], [[8, 5, 5]], [[2, 3]]])(
    'has for levels of %p one code for every combination, which queries reach',
    (levels) => {
      const quantiser = make(...levels);
      const { codebookSize } = quantiser;
      expect(codebookSize).toBe(levels.reduce((product, level) => product * level));
      const all = tf.tensor2d(
        Int32Array.from({ length: codebookSize }, (_, code) => code),
        [1, codebookSize],
        'int32',
      );
      const vectors = quantiser.lookup(all);
      expect(new Set(vectors.arraySync()[0].map(String)).size).toBe(codebookSize);
      // Query by query: what is bounded to a vector comes back as its code.
      const queries = vectors.arraySync()[0].map((vector) =>
        vector.map((value, channel) => {
          const level = levels[channel];
          const [half, offset] = [((level - 1) * 0.999) / 2, level % 2 === 0 ? 0.5 : 0];
          const unit = Math.max(-0.999, Math.min(0.999, (value * Math.floor(level / 2) + offset) / half));
          return Math.atanh(unit) - Math.tan(offset / half);
        }),
      );
      const { codes, quantised } = quantiser.quantise(tf.tensor3d([queries]));
      expectClose(codes, all, 0);
      expectClose(quantised, vectors, 0);
    },
  );

  it('names values that it cannot work with', () => {
    expect(() => make()).toThrow('quantiser: levels is []. It must be a list of at least 1');
    expect(() => make(4, 1)).toThrow('quantiser: levels.1 is 1. It must be a whole number from 2.');
    expect(() => make(4.5)).toThrow('quantiser: levels.0 is 4.5. It must be a whole number from 2.');
  });
});
