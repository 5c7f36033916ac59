import { randomKey, UserError, type Json } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';

import { createModel, parseModel, settingsOfModel } from '../models';
import { minimal } from '../testing/minimal';
import { budgetOf, modelOf, rowConfig, rowNamed, rowsOfTable, settingsOfRow, type Settings } from '.';

beforeAll(() => selectBackend('cpu'));

const changed = (row: string, settings: Settings) => rowConfig(rowNamed(row), minimal, settings);

describe('rowConfig', () => {
  it("is the row's own without changes", () => {
    const row = rowNamed('1.2');
    expect(rowConfig(row, minimal)).toEqual({
      model: parseModel(modelOf(row, minimal), '#1.2'),
      budget: budgetOf(row, minimal),
      loop: {
        schedule: { kind: 'cosine', finalFraction: 0.02 },
        adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
        clipNorm: 1,
        polyakDecay: 0.99,
        logEvery: 1,
        evaluateEvery: 0,
        checkpointEvery: 2,
      },
    });
  });

  it('has the changes, and leaves the row unchanged', () => {
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
  ] as const)('may have a setting that is optional for #%s: %s', (row, path, value) => {
    const [part, name] = path.split('.');
    expect(changed(row, { [path]: value }).model.config).toMatchObject({ [part]: { [name]: value } });
  });

  it('may have a codebook learnt by gradient (equation 1), which has no alpha', () => {
    const { model } = changed('1.2', { 'quantiser.codebook': 'gradient', 'quantiser.beta': 0.5 });
    const quantiser = { kind: 'vq', codebookSize: 256, depth: 4, beta: 0.5, codebook: 'gradient' };
    expect(model.config).toHaveProperty('quantiser', quantiser);
    const created = createModel(model, randomKey('model'));
    expect([...created.weights().keys()]).toContain('quantiser/codebook');
    created.dispose();
    // A given setting is never dropped silently.
    expect(() => changed('1.2', { 'quantiser.codebook': 'gradient', 'quantiser.alpha': 0.9 })).toThrow(
      '#1.2: model.quantiser.alpha (0.9) is not a key of this config. The keys are kind, codebookSize, depth, ' +
        'beta, codebook.',
    );
  });

  it('keeps a loop that suits the budget, with its changes', () => {
    // 512 timesteps per step.
    const longer = { 'budget.timesteps': 512 * 40_000 };
    const suited = { logEvery: 1000, checkpointEvery: 5000, polyakDecay: 1 - 1 / 400 };
    expect(changed('1.2', longer).loop).toMatchObject(suited);
    const whole = { budget: { ...minimal.audioBudget, timesteps: 512 * 40_000 } };
    expect(changed('1.2', whole)).toEqual(changed('1.2', longer));
    const { loop } = changed('1.2', { ...longer, logEvery: 7, 'adam.beta2': 0.99 });
    expect(loop).toMatchObject({ ...suited, logEvery: 7, adam: { beta1: 0.9, beta2: 0.99 } });
  });

  it('has another schedule without the settings of the old one', () => {
    const { loop } = changed('1.1', { 'schedule.kind': 'halving', 'schedule.every': 3 });
    expect(loop.schedule).toEqual({ kind: 'halving', every: 3 });
    expect(() => changed('1.1', { 'schedule.kind': 'halving' })).toThrow(
      '#1.1: schedule.every is missing. It must be a whole number from 1.',
    );
    expect(() => changed('1.1', { 'schedule.kind': 'constant', 'schedule.finalFraction': 0.5 })).toThrow(
      '#1.1: schedule.finalFraction (0.5) is not a key of this config.',
    );
  });

  it.each<[row: string, settings: Settings, message: string]>([
    [
      '1.2',
      { 'quantiser.alhpa': 0.9 },
      'model.quantiser.alhpa (0.9) is not a key of this config. Did you mean alpha?',
    ],
    [
      '1.1',
      { 'quantiser.alpha': 0.9 },
      'model.quantiser ({"alpha":0.9}) is not a key of this config. The keys are symbols, input, dilations, ' +
        'channels, gate, skip, width, head, conditioning.',
    ],
    [
      '1.4',
      { 'quantiser.restartBelow': 1 },
      'model.quantiser.restartBelow (1) is not a key of this config. The keys are kind, codebookSize, ' +
        'diversity, beta, simplex, epsilon.',
    ],
    [
      '1.2',
      { 'quantiser.alpha': 'fast' },
      'model.quantiser.alpha is "fast". It must be a number at least 0 and below 1.',
    ],
    [
      '1.2',
      { 'quantiser.alpha': 2 },
      'model.quantiser.alpha is 2. It must be a number at least 0 and below 1.',
    ],
    [
      '1.2',
      { 'encoder.dilations': 3 },
      'model.encoder.dilations is 3. It must be a list of at least 1, each item a whole number from 1.',
    ],
    [
      '1.2',
      { 'encoder.dilations.0': 3 },
      'model.encoder.dilations is {"0":3}. It must be a list of at least 1',
    ],
    [
      '1.2',
      { 'quantiser.codebook': true },
      'model.quantiser.codebook is true. It must be one of "ema", "gradient".',
    ],
    [
      '1.2',
      { 'quantiser.codebook': 'emma' },
      'model.quantiser.codebook is "emma". It must be one of "ema", "gradient". Did you mean ema?',
    ],
    [
      '1.4',
      { 'quantiser.codebook': 'gradient' },
      'model.quantiser.codebook ("gradient") is not a key of this config.',
    ],
    ['1.2', { 'quantiser.epsilon': 1e-3 }, 'model.quantiser.epsilon (0.001) is not a key of this config.'],
    ['1.2', { 'budget.cropLength': 7 }, 'budget.cropLength is 7. It must be a multiple of the hop, 8.'],
    ['1.7', { 'budget.cropLength': 72 }, 'budget.cropLength is 72. It must be a multiple of the hop, 64.'],
    ['1.1', { 'budget.cropLength': 0.5 }, 'budget.cropLength is 0.5. It must be a whole number from 1.'],
    ['1.1', { 'budget.batchSize': 0 }, 'budget.batchSize is 0. It must be a whole number from 1.'],
    [
      '1.1',
      { 'budget.batchSzie': 4 },
      'budget.batchSzie (4) is not a key of this config. Did you mean batchSize?',
    ],
    ['1.1', { 'bugdet.batchSize': 4 }, 'bugdet.batchSize is not a setting. Did you mean budget.batchSize?'],
    ['1.4', { 'budget.timesteps': -5 }, 'budget.timesteps is -5. It must be a whole number from 1.'],
    ['1.4', { 'budget.timesteps': 1e300 }, 'budget.timesteps is 1e+300. It must be a whole number from 1.'],
    ['1.4', { 'budget.learningRate': 0 }, 'budget.learningRate is 0. It must be a number above 0.'],
    ['1.4', { 'budget.learningRate': NaN }, 'budget.learningRate is NaN. It must be a number above 0.'],
    [
      '1.2',
      { 'quantiser.beta': Infinity },
      'model.quantiser.beta is Infinity. It must be a number at least 0.',
    ],
    ['1.4', { 'budget.warmUpSteps': -1 }, 'budget.warmUpSteps is -1. It must be a whole number from 0.'],
    ['1.4', { clipNorm: -1 }, 'clipNorm is -1. It must be a number at least 0.'],
    ['1.4', { seed: 5 }, 'model.seed (5) is not a key of this config.'],
    ['1.4', { '__proto__.x': 5 }, 'model.__proto__ ({"x":5}) is not a key of this config.'],
    [
      '1.2',
      { quantiser: { kind: 'fsq', levels: [4, 4] } },
      'model.quantiser cannot be changed as a whole, because model.quantiser.kind tells rows apart. ' +
        'Change its settings one by one.',
    ],
    ['1.2', { model: {} }, 'model cannot be changed as a whole, because model.symbols tells rows apart.'],
    ...(['hop', 'symbols', 'quantiser.kind', 'model.hop'] as const).map(
      (path): [string, Settings, string] => [
        '1.2',
        { [path]: 16 },
        `model.${path.replace('model.', '')} cannot be changed, because it tells rows apart. Choose another row.`,
      ],
    ),
    ['1.1', { conditioning: 8 }, 'model.conditioning cannot be changed, because it tells rows apart.'],
  ])('of #%s refuses %j', (row, settings, message) => {
    expect(() => changed(row, settings)).toThrow(`#${row}: ${message}`);
    expect(() => changed(row, settings)).toThrow(UserError);
    expect(({} as { x?: number }).x).toBeUndefined();
  });
});

describe('settingsOfRow', () => {
  const settingsOf = (id: string, settings?: Settings) => settingsOfRow(rowNamed(id), minimal, settings);
  const setting = (path: string, settings?: Settings) =>
    settingsOf('1.2', settings).find((one) => one.path === path);

  it('has every setting with its value, rule and meaning', () => {
    expect(setting('model.quantiser.alpha')).toEqual({
      path: 'model.quantiser.alpha',
      value: 0.95,
      isOptional: false,
      rule: 'a number at least 0 and below 1',
      meaning: expect.stringContaining('moving averages') as string,
    });
    expect(setting('budget.timesteps')!.value).toBe(8192);
    expect(setting('model.quantiser.restartBelow')).toMatchObject({ isOptional: true });
    expect(setting('model.quantiser.restartBelow')).not.toHaveProperty('value');
    for (const { id } of [...rowsOfTable('1'), ...rowsOfTable('2')]) {
      expect(settingsOf(id).filter(({ meaning, rule }) => meaning === '' || rule === '')).toEqual([]);
    }
  });

  it('has the changed values', () => {
    const settings = { 'quantiser.restartBelow': 1, polyakDecay: 0 };
    expect(setting('model.quantiser.restartBelow', settings)!.value).toBe(1);
    expect(setting('polyakDecay', settings)!.value).toBe(0);
  });

  it('names paths that can be changed, except those that tell rows apart', () => {
    const { model } = rowConfig(rowNamed('1.2'), minimal);
    const fixed = settingsOfModel(model).fixed.map((path) => `model.${path}`);
    for (const { path, value } of settingsOf('1.2')) {
      if (value === undefined) continue;
      const change = () => changed('1.2', { [path]: value as Json });
      if (fixed.includes(path)) expect(change).toThrow('tells rows apart');
      else expect(change()).toEqual(changed('1.2', {}));
    }
  });
});
