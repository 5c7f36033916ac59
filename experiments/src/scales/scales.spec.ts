import { parseSettings } from '@fermata/core';

import { planRow } from '../plan';
import { budgetOf, describeRow, modelOf, rowNamed, rowsOfTable, trainingConfig } from '../rows';
import { scaleNamed, scaleNames, scaleSettings } from '.';

const rows = [...rowsOfTable('1'), ...rowsOfTable('2')];

it('are five, smallest first', () => {
  expect(scaleNames).toEqual(['tiny', 'smoke', 'small', 'medium', 'paper']);
});

describe.each(scaleNames)('scale %s', (name) => {
  const scale = scaleNamed(name);

  it('keeps the rules of its declaration', () => {
    expect(parseSettings(scaleSettings, scale, name)).toEqual(scale);
  });

  it("gives the encoder of #1.2 the paper's width of 64 codes, 512 ± 8 samples", () => {
    for (const id of ['1.2', '1.2-early-downsampling']) {
      const { encoderReceptiveField } = planRow(rowNamed(id), scale);
      expect(Math.abs(encoderReceptiveField! - 512)).toBeLessThanOrEqual(8);
    }
  });

  it('has crops of whole codes, longer than the receptive field of the autoregressive model', () => {
    for (const row of rows) {
      const { cropLength } = budgetOf(row, scale);
      const { hop } = describeRow(row, scale);
      expect([row.id, cropLength % hop]).toEqual([row.id, 0]);
      expect(cropLength).toBeGreaterThan(planRow(row, scale).receptiveField);
    }
    for (const r of scale.profile.receptiveFields) {
      expect(r).toBeLessThan(scale.profile.budget.cropLength);
    }
  });

  it('has the hops, the codebook size and the symbols of the paper', () => {
    for (const row of rowsOfTable('1').filter(({ heading }) => heading === undefined)) {
      const { config, kind } = modelOf(row, scale);
      expect(config.symbols).toBe(256);
      if (kind === 'autoencoder') expect(config.hop).toBe(row.id === '1.7' ? 64 : 8);
    }
  });
});

it("scale paper sees 6,139 timesteps beside the paper's 6,144", () => {
  const paper = scaleNamed('paper');
  expect(planRow(rowNamed('1.1'), paper)).toMatchObject({
    receptiveField: 6139,
    receptiveFieldMs: 383.6875,
    paperReceptiveField: 6144,
    paperReceptiveFieldMs: 384,
    steps: 500_000,
  });
  // On codes for 8 samples each.
  expect(planRow(rowNamed('2.1'), paper)).toMatchObject({
    receptiveField: 6139,
    receptiveFieldMs: 3069.5,
    paperReceptiveFieldMs: 3072,
  });
});

it.each([
  ['tiny', 0.99],
  ['smoke', 0.99],
  ['medium', 1 - 1 / 305.18],
  ['paper', 0.9998],
])('averages the weights of scale %s by %d', (name, decay) => {
  const { polyakDecay } = trainingConfig(scaleNamed(name).audioBudget, 1);
  if (decay === 0.99) expect(polyakDecay).toBe(decay);
  else expect(polyakDecay).toBeCloseTo(decay, 9);
});
