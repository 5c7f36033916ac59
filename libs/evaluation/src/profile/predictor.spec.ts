import { randomKey } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';
import {
  expectClose,
  expectNoLeak,
  goldenTensor,
  loadGoldens,
  type Golden,
  testBackends,
} from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { Predictor } from './predictor';

const goldens = loadGoldens('evaluation/predictor');

function predictorOf(golden: Golden, trainedFrom?: number): Predictor {
  const [receptiveField, symbols, hidden] = golden.kernel.shape;
  const model = new Predictor({ symbols, receptiveField, hidden }, randomKey(1), trainedFrom);
  tf.tidy(() => {
    for (const [path, weight] of model.weights()) weight.assign(goldenTensor(golden[path]));
  });
  return model;
}

describe.each(testBackends)('Predictor on %s', (backend) => {
  beforeAll(() => selectBackend(backend));

  it.each([
    ['wide', 4],
    ['late', 5],
    ['narrow', 1],
  ])("has PyTorch's values and gradients: %s", async (name, trainedFrom) => {
    const golden = goldens[name];
    await expectNoLeak(() => {
      const model = predictorOf(golden, trainedFrom);
      tf.tidy(() => {
        const symbols = goldenTensor(golden.symbols) as tf.Tensor2D;
        expectClose(model.nll(symbols), goldenTensor(golden.nll), 1e-5);
        const { value, grads } = tf.variableGrads(() => model.loss(symbols).loss);
        expectClose(value, goldenTensor(golden.loss), 1e-5);
        for (const [path, { name: variable }] of model.weights()) {
          expectClose(grads[variable], goldenTensor(golden[`${path}_gradient`]), 1e-5);
        }
        expectClose(model.loss(symbols).metrics.nll, value, 0);
      });
      model.dispose();
    });
  });

  it('sees the last r symbols and no other', () => {
    tf.tidy(() => {
      const model = new Predictor({ symbols: 5, receptiveField: 3, hidden: 16 }, randomKey(2));
      const symbols = [0, 1, 2, 3, 4, 3, 2, 1, 0, 1];
      const nll = (values: number[]) =>
        model.nll(tf.tensor2d([values], [1, 10], 'int32')).dataSync<'float32'>();
      const before = nll(symbols);
      for (let t = 0; t < symbols.length; t++) {
        const after = nll(symbols.map((symbol, index) => (index === t ? (symbol + 2) % 5 : symbol)));
        const changed = [...before.keys()].filter((s) => s !== t && before[s] !== after[s]);
        expect(changed).toEqual([t + 1, t + 2, t + 3].filter((position) => position < symbols.length));
      }
      model.dispose();
    });
  });
});

describe('Predictor', () => {
  it('rejects invalid sizes', () => {
    const make = (receptiveField: number, trainedFrom?: number) => () =>
      new Predictor({ symbols: 4, receptiveField, hidden: 2 }, randomKey(1), trainedFrom);
    expect(make(0)).toThrow('receptiveField is 0, but must be an integer of at least 1');
    expect(make(4, 3)).toThrow('trainedFrom is 3, but must be an integer of at least 4');
    const model = make(2)();
    const batch = (values: number[]) => tf.tensor2d([values], [1, values.length], 'int32');
    tf.tidy(() => {
      expect(() => model.loss(batch([0, 1]))).toThrow(
        'time of a batch is 2, but must be an integer of at least 3',
      );
      // The next row of the table belongs to another tap.
      expect(() => model.nll(batch([4, 1, 1]))).toThrow('symbol 4 is not in 0 … 3');
    });
    model.dispose();
  });
});
