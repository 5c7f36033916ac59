import { selectBackend } from '@fermata/tensor';
import { expectClose, expectNoLeak, goldenTensor, loadGoldens, testBackends } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { Adam } from './adam';
import { clippingScale, globalNorm } from './clip';
import { PolyakAverage, withWeights } from './polyak';
import { learningRateAt } from './schedule';
import type { LearningRateSchedule } from '../config/trainingConfig';

const { adam: golden, schedules } = loadGoldens('training/optimiser');
const names = ['kernel', 'bias'];

describe.each(testBackends)('Adam, clipping and the Polyak average on %s', (backend) => {
  beforeAll(() => selectBackend(backend));

  it('move weights as PyTorch does', async () => {
    await expectNoLeak(() => {
      const initial = (name: string) => tf.tidy(() => tf.variable(goldenTensor(golden[`initial/${name}`])));
      const weights = new Map(names.map((name) => [name, initial(name)]));
      const adam = new Adam(weights, { beta1: 0.8, beta2: 0.95, epsilon: 1e-3 });
      const average = new PolyakAverage(weights, 0.6);
      const at = (name: string, step: number) => {
        const [, ...shape] = golden[name].shape;
        const size = shape.reduce((product, dimension) => product * dimension, 1);
        return tf.tensor(golden[name].values.slice((step - 1) * size, step * size), shape);
      };
      for (let step = 1; step <= 12; step++) {
        tf.tidy(() => {
          const gradients = new Map(names.map((name) => [name, at(`gradients/${name}`, step)]));
          const [norm] = globalNorm(gradients.values()).dataSync();
          expectClose(norm, golden.norms.values[step - 1], 1e-6);
          const gradientScale = clippingScale(norm, 3.15);
          adam.update(gradients, { step, learningRate: 0.03, gradientScale, average });
          for (const [name, weight] of weights) {
            expectClose(weight, at(`weights/${name}`, step), 2e-6);
            expectClose(average.state().get(name)!, at(`averages/${name}`, step), 2e-6);
          }
        });
      }
      for (const name of names) {
        for (const moment of ['first', 'second']) {
          const expected = golden[`${moment}/${name}`];
          expectClose(adam.state().get(`${moment}/${name}`)!.dataSync(), expected.values, 2e-6);
        }
      }
      adam.dispose();
      average.dispose();
      tf.dispose([...weights.values()]);
    });
    // The golden contains clipped and unclipped steps.
    const clipped = golden.norms.values.filter((norm) => norm > 3.15).length;
    expect(clipped).toBeGreaterThan(2);
    expect(clipped).toBeLessThan(10);
  });

  it('reject a gradient without a weight', () => {
    const adam = new Adam(new Map(), { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 });
    expect(() => {
      adam.update(new Map([['kernal', tf.scalar(1)]]), { step: 1, learningRate: 1 });
    }).toThrow(new RangeError('Adam has no weight named kernal'));
  });

  it('leave gradients alone without a maximum', () => {
    expect([clippingScale(50, 0), clippingScale(2, 2), clippingScale(8, 2), clippingScale(0, 1)]).toEqual([
      1, 1, 0.25, 1,
    ]);
  });
});

describe('learningRateAt', () => {
  const rates = (schedule: LearningRateSchedule) =>
    Array.from({ length: 20 }, (_, step) => learningRateAt({ learningRate: 0.1, schedule, steps: 20 }, step));

  it.each<[string, LearningRateSchedule]>([
    ['halving', { kind: 'halving', every: 6, warmUpSteps: 0 }],
    ['exponential', { kind: 'exponential', finalFraction: 0.05, warmUpSteps: 0 }],
    ['cosine', { kind: 'cosine', finalFraction: 0.05, warmUpSteps: 0 }],
    ['warmUp', { kind: 'constant', warmUpSteps: 5 }],
  ])('follows PyTorch: %s', (name, schedule) => {
    expectClose(rates(schedule), schedules[name].values, 1e-8);
  });

  it('warms up to whatever the schedule says', () => {
    const cold = rates({ kind: 'cosine', finalFraction: 0.05, warmUpSteps: 0 });
    const warm = rates({ kind: 'cosine', finalFraction: 0.05, warmUpSteps: 4 });
    expectClose(warm, [cold[0] / 4, cold[1] / 2, cold[2] * 0.75, ...cold.slice(3)], 1e-12);
  });
});

describe('withWeights', () => {
  it('sets a model’s weights and restores them, even after a failure', async () => {
    const kernel = tf.variable(tf.tensor1d([1, 2]));
    const bias = tf.variable(tf.scalar(3));
    const model = {
      weights: () =>
        new Map<string, tf.Variable>([
          ['kernel', kernel],
          ['bias', bias],
        ]),
    };
    const values = new Map([['kernel', tf.tensor1d([5, 6])]]);
    await expectNoLeak(async () => {
      const lent = await withWeights(model, values, async () => [await kernel.data(), await bias.data()]);
      expect(lent.map((array) => [...array])).toEqual([[5, 6], [3]]);
      const failing = withWeights(model, values, () => {
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      const unknown = withWeights(model, new Map([['kernal', kernel]]), () => 0);
      await expect(unknown).rejects.toThrow(
        new RangeError('withWeights: the model has no weight named kernal'),
      );
    });
    expect([...kernel.dataSync()]).toEqual([1, 2]);
  });
});
