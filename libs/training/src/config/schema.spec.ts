import { UserError } from '@fermata/core';

import { editDistance, nearest } from './nearest';
import {
  flag,
  integer,
  listOf,
  oneOf,
  parseConfig,
  real,
  record,
  text,
  variant,
  withDefault,
} from './schema';
import { trainingConfigSchema } from './trainingConfig';

const required = { seed: 1, steps: 100, batchSize: 4, cropLength: 512 };
const parse = (changes: object) => parseConfig(trainingConfigSchema, { ...required, ...changes }, '#1.2');

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
  ])('names what is wrong in %j', (changes, message) => {
    expect(() => parse(changes)).toThrow(message);
    expect(() => parse(changes)).toThrow(UserError);
  });
});

describe('parseConfig', () => {
  const model = record({
    name: text(),
    input: oneOf('continuous', 'one-hot'),
    dilations: listOf(integer({ from: 1, to: 512 }), { from: 1 }),
    beta: withDefault(real(), 0.25),
    oneHot: withDefault(flag(), false),
    quantiser: variant({ vq: { codes: integer() }, amae: {} }),
  });
  const good = { name: 'a', input: 'one-hot', dilations: [1, 2], quantiser: { kind: 'amae' } };

  it('gives equal values for equal configs, however written', () => {
    const expected = { ...good, beta: 0.25, oneHot: false };
    expect(parseConfig(model, good, 'a.json')).toEqual(expected);
    expect(parseConfig(model, { ...expected }, 'a.json')).toEqual(expected);
  });

  it.each<[unknown, string]>([
    [
      { ...good, dilations: [1, 1024] },
      'a.json: dilations.1 is 1024. It must be a whole number from 1 to 512.',
    ],
    [{ ...good, dilations: [] }, 'a.json: dilations is []. It must be a list of at least 1'],
    [{ ...good, name: '' }, 'a.json: name is "". It must be a text that is not empty.'],
    [{ ...good, oneHot: 'yes' }, 'a.json: oneHot is "yes". It must be true or false.'],
    [{ ...good, input: 'onehot' }, 'Did you mean one-hot?'],
    [{ ...good, toString: 1 }, 'a.json: toString (1) is not a key of this config.'],
    [[], 'a.json is []. It must be an object with the keys name, input'],
    [undefined, 'a.json is undefined.'],
  ])('refuses %j', (value, message) => {
    expect(() => parseConfig(model, value, 'a.json')).toThrow(message);
  });
});

describe('nearest', () => {
  it('counts edits', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('ab', 'ba')).toBe(1);
    expect(editDistance('', 'abc')).toBe(3);
  });

  it('forgives slips and nothing else', () => {
    expect(nearest('clipnorm', ['clipNorm', 'cropLength'])).toBe('clipNorm');
    expect(nearest('stpes', ['steps', 'seed'])).toBe('steps');
    expect(nearest('lr', ['learningRate', 'steps'])).toBeUndefined();
  });
});
