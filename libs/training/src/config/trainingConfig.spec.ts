import { parseSettings, UserError } from '@fermata/core';

import { trainingSettings } from './trainingConfig';

const required = { seed: 1, steps: 100, batchSize: 4, cropLength: 512 };
const parse = (changes: object) => parseSettings(trainingSettings, { ...required, ...changes }, '#1.2');

describe('the training config', () => {
  it('has its defaults filled in', () => {
    expect(parse({ schedule: { kind: 'halving', every: 50 }, adam: { beta2: 0.99 } })).toEqual({
      ...required,
      learningRate: 1e-3,
      schedule: { kind: 'halving', every: 50, warmUpSteps: 0 },
      adam: { beta1: 0.9, beta2: 0.99, epsilon: 1e-8 },
      clipNorm: 1,
      polyakDecay: 0.999,
      logEvery: 50,
      evaluateEvery: 0,
      checkpointEvery: 500,
    });
  });

  it.each<[object, string]>([
    [
      { learningrte: 0.01 },
      '#1.2: learningrte (0.01) is not a key of this config. Did you mean learningRate?',
    ],
    [{ adam: { beta_1: 0.5 } }, '#1.2: adam.beta_1 (0.5) is not a key of this config. Did you mean beta1?'],
    [
      { adam: { momentum: 0.5 } },
      '#1.2: adam.momentum (0.5) is not a key of this config. The keys are beta1, beta2, epsilon.',
    ],
    [{ steps: '100' }, '#1.2: steps is "100". It must be a whole number from 1.'],
    [{ steps: 0 }, '#1.2: steps is 0. It must be a whole number from 1.'],
    [{ steps: undefined }, '#1.2: steps is missing. It must be a whole number from 1.'],
    [{ batchSize: 1.5 }, '#1.2: batchSize is 1.5. It must be a whole number from 1.'],
    [{ learningRate: 0 }, '#1.2: learningRate is 0. It must be a number above 0.'],
    [{ learningRate: NaN }, '#1.2: learningRate is NaN. It must be a number above 0.'],
    [{ polyakDecay: 1 }, '#1.2: polyakDecay is 1. It must be a number at least 0 and below 1.'],
    [{ adam: null }, '#1.2: adam is null. It must be an object with the keys beta1, beta2, epsilon.'],
    [
      { schedule: { kind: 'cosin' } },
      '#1.2: schedule.kind is "cosin". It must be one of "constant", "halving", "exponential", "cosine". Did you mean cosine?',
    ],
    [
      { schedule: { kind: 'cosine', every: 3 } },
      '#1.2: schedule.every (3) is not a key of this config. The keys are kind, finalFraction, warmUpSteps.',
    ],
    [{ schedule: { kind: 'halving' } }, '#1.2: schedule.every is missing. It must be a whole number from 1.'],
    [
      { schedule: 'cosine' },
      '#1.2: schedule is "cosine". It must be an object whose kind is one of "constant", "halving", "exponential", "cosine".',
    ],
  ])('names the mistake in %j', (changes, message) => {
    expect(() => parse(changes)).toThrow(message);
    expect(() => parse(changes)).toThrow(UserError);
  });
});
