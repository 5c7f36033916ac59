import { rowNamed } from './rows';
import { rowConfig, type Settings } from './settings';
import { minimal } from './testing/minimal';

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
    ['1.2', 'quantiser.restartBelow', 2],
    ['1.2', 'encoder.downsampling', 'input'],
  ] as const)('may have what #%s need not have: %s', (row, path, value) => {
    const [part, name] = path.split('.');
    expect(changed(row, { [path]: value }).model.config).toMatchObject({ [part]: { [name]: value } });
  });

  it.each<[row: string, settings: Settings, message: string]>([
    [
      '1.2',
      { 'quantiser.alhpa': 0.9 },
      'quantiser.alhpa: #1.2 has no such setting. Choose among encoder.downsampling, quantiser.restartBelow, ' +
        'encoder.input, encoder.dilations, encoder.channels,',
    ],
    ['1.1', { 'quantiser.alpha': 0.9 }, '#1.1 has no such setting. Choose among input, dilations,'],
    ['1.4', { 'quantiser.restartBelow': 1 }, '#1.4 has no such setting'],
    ['1.2', { 'quantiser.alpha': 'fast' }, 'quantiser.alpha is "fast", but must be a number. #1.2 has 0.95.'],
    [
      '1.2',
      { 'encoder.dilations': 3 },
      'encoder.dilations is 3, but must be a list of numbers. #1.2 has [1,2].',
    ],
    ['1.2', { quantiser: { kind: 'fsq' } }, 'quantiser: #1.2 has no such setting'],
    ['1.2', { hop: 16 }, 'hop: cannot be changed. Choose another row.'],
  ])('of #%s refuses %p', (row, settings, message) => {
    expect(() => changed(row, settings)).toThrow(message);
  });
});
