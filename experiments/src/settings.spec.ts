import { randomKey } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';

import { createModel } from './model';
import { rowNamed } from './rows';
import { rowConfig, type Settings } from './settings';
import { minimal } from './testing/minimal';

beforeAll(() => selectBackend('cpu'));

const changed = (row: string, settings: Settings) => rowConfig(rowNamed(row), minimal, settings);

describe('rowConfig', () => {
  it("is the row's own where nothing is changed", () => {
    const row = rowNamed('1.2');
    expect(rowConfig(row, minimal)).toEqual({ model: row.model(minimal), budget: row.budget(minimal) });
  });

  it('has what is changed, and leaves the row as it is', () => {
    const own = structuredClone(rowConfig(rowNamed('1.4'), minimal));
    const { model, budget } = changed('1.4', {
      'quantiser.diversity.nu': 0.5,
      'decoder.dilations': [1, 2],
      'budget.learningRate': 1e-4,
      'encoder.input': 'one-hot',
    });
    expect(model).toMatchObject({
      kind: 'autoencoder',
      config: {
        quantiser: { kind: 'argmax', diversity: { kind: 'squared-sum', nu: 0.5 } },
        decoder: { dilations: [1, 2], width: 2 },
        encoder: { input: 'one-hot' },
      },
    });
    expect(budget).toEqual({ ...minimal.audioBudget, learningRate: 1e-4 });
    expect(rowConfig(rowNamed('1.4'), minimal)).toEqual(own);
  });

  it.each([
    ['1.4', 'quantiser.beta', 0.1],
    ['1.4', 'quantiser.epsilon', 1e-3],
    ['1.4', 'quantiser.simplex', 'softmax'],
    ['1.2', 'quantiser.restartBelow', 2],
    ['1.2', 'quantiser.codebook', 'ema'],
    ['1.2', 'encoder.downsampling', 'input'],
  ] as const)('may have what #%s need not have: %s', (row, path, value) => {
    const [part, name] = path.split('.');
    expect(changed(row, { [path]: value }).model.config).toMatchObject({ [part]: { [name]: value } });
  });

  it('has a codebook that is learnt by gradient (equation 1), which has no alpha', () => {
    const { model } = changed('1.2', { 'quantiser.codebook': 'gradient', 'quantiser.beta': 0.5 });
    const quantiser = { kind: 'vq', codes: 256, depth: 4, beta: 0.5, codebook: 'gradient' };
    expect(model.config).toMatchObject({ quantiser });
    const created = createModel(model, randomKey('model'));
    expect([...created.weights().keys()]).toContain('quantiser/codebook');
    created.dispose();
    // What somebody asks for does not fall away without a word.
    const both = changed('1.2', { 'quantiser.codebook': 'gradient', 'quantiser.alpha': 0.9 });
    expect(() => createModel(both.model, randomKey('model'))).toThrow(
      "alpha is 0.9, but is only for a codebook 'ema'",
    );
  });

  it.each<[row: string, settings: Settings, message: string]>([
    [
      '1.2',
      { 'quantiser.alhpa': 0.9 },
      'quantiser.alhpa: #1.2 has no such setting. Choose among encoder.downsampling, quantiser.codebook, ' +
        'quantiser.restartBelow, encoder.input, encoder.dilations, encoder.channels,',
    ],
    ['1.1', { 'quantiser.alpha': 0.9 }, '#1.1 has no such setting. Choose among input, dilations,'],
    ['1.4', { 'quantiser.restartBelow': 1 }, '#1.4 has no such setting'],
    ['1.2', { 'quantiser.alpha': 'fast' }, 'quantiser.alpha is "fast", but must be a number. #1.2 has 0.95.'],
    [
      '1.2',
      { 'encoder.dilations': 3 },
      'encoder.dilations is 3, but must be a list of numbers. #1.2 has [1,2].',
    ],
    [
      '1.2',
      { 'quantiser.codebook': true },
      'quantiser.codebook is true, but must be a word. An example is "gradient".',
    ],
    ['1.4', { 'quantiser.codebook': 'gradient' }, 'quantiser.codebook: #1.4 has no such setting'],
    ['1.2', { 'quantiser.epsilon': 1e-3 }, 'quantiser.epsilon: #1.2 has no such setting'],
    ['1.2', { 'budget.cropLength': 7 }, '#1.2: budget.cropLength is 7. It must be a multiple of the hop, 8.'],
    [
      '1.7',
      { 'budget.cropLength': 72 },
      '#1.7: budget.cropLength is 72. It must be a multiple of the hop, 64.',
    ],
    [
      '1.1',
      { 'budget.cropLength': 0.5 },
      '#1.1: budget.cropLength is 0.5. It must be a whole number from 1.',
    ],
    ['1.1', { 'budget.batchSize': 0 }, '#1.1: budget.batchSize is 0. It must be a whole number from 1.'],
    ['1.4', { 'budget.timesteps': -5 }, '#1.4: budget.timesteps is -5. It must be a whole number from 1.'],
    [
      '1.4',
      { 'budget.timesteps': 1e300 },
      '#1.4: budget.timesteps is 1e+300. It must be a whole number from 1.',
    ],
    ['1.4', { 'budget.learningRate': 0 }, '#1.4: budget.learningRate is 0. It must be a number above 0.'],
    [
      '1.4',
      { 'budget.learningRate': NaN },
      'budget.learningRate is NaN, but must be a number. #1.4 has 0.01.',
    ],
    [
      '1.2',
      { 'quantiser.beta': Infinity },
      'quantiser.beta is Infinity, but must be a number. #1.2 has 0.25.',
    ],
    [
      '1.4',
      { 'budget.warmUpSteps': -1 },
      '#1.4: budget.warmUpSteps is -1. It must be a whole number from 0.',
    ],
    ['1.2', { quantiser: { kind: 'fsq' } }, 'quantiser: #1.2 has no such setting'],
    ['1.2', { hop: 16 }, 'hop: cannot be changed. Choose another row.'],
  ])('of #%s refuses %p', (row, settings, message) => {
    expect(() => changed(row, settings)).toThrow(message);
  });
});
