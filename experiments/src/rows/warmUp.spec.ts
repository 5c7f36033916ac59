import { UserError } from '@fermata/core';
import { learningRateAt } from '@fermata/training';

import { scaleNamed, scaleNames } from '../scales';
import { budgetOf, rowConfig, rowNamed, rowsOfTable, tableNames, trainingConfig, warmUpNote } from '.';
import type { Settings } from './settings';

const row = rowNamed('1.4');

/** Largest learning rate of a training, as a share of its setting. */
function reached(scale: string, settings: Settings): number {
  const { budget, loop } = rowConfig(row, scaleNamed(scale), settings);
  const config = trainingConfig(budget, 1, loop);
  const rates = Array.from({ length: config.steps }, (_, step) => learningRateAt(config, step));
  return Math.max(...rates) / config.learningRate;
}

it('of every row at every scale ends well before the training, so that nothing is said or changed', () => {
  for (const scale of scaleNames.map(scaleNamed)) {
    for (const each of tableNames.flatMap(rowsOfTable)) {
      expect([each.id, scale.name, warmUpNote(each, scale)]).toEqual([each.id, scale.name, undefined]);
      expect(rowConfig(each, scale).budget).toEqual(budgetOf(each, scale));
    }
  }
});

it.each([
  ['tiny', { 'budget.timesteps': 102_400 }, 60, 25, 3],
  // The example of docs/guide.md.
  ['smoke', { 'quantiser.diversity.nu': 0.01, 'budget.timesteps': 500_000 }, 100, 62, 9],
  ['small', { 'budget.timesteps': 500_000 }, 400, 41, 2],
])(
  'is shortened with a budget that it would outlast, and the training comes to its rate: %s, %j',
  (scale, settings, planned, steps, warmUpSteps) => {
    expect(warmUpNote(row, scaleNamed(scale), settings)).toBe(
      `The warm-up of ${planned} steps would outlast the training of ${steps}: it is shortened to ${warmUpSteps}, ` +
        "its share of the scale's budget. budget.warmUpSteps sets another.",
    );
    expect(rowConfig(row, scaleNamed(scale), settings).budget.warmUpSteps).toBe(warmUpSteps);
    expect(reached(scale, settings)).toBeGreaterThan(0.9);
  },
);

it('that takes most of the training is said, and kept', () => {
  const settings = { 'budget.timesteps': 61 * 4096 };
  expect(warmUpNote(row, scaleNamed('tiny'), settings)).toMatch(
    /^The warm-up takes 60 of 61 steps: the learning rate never passes (\d+)% of budget\.learningRate\. Lower budget\.warmUpSteps, or raise budget\.timesteps\.$/,
  );
  expect(rowConfig(row, scaleNamed('tiny'), settings).budget.warmUpSteps).toBe(60);
  expect(reached('tiny', settings)).toBeLessThan(0.5);
  expect(warmUpNote(row, scaleNamed('tiny'), { ...settings, 'budget.warmUpSteps': 6 })).toBeUndefined();
});

it('that is given is never changed: one that outlasts the training is an error', () => {
  const settings = { 'budget.timesteps': 25 * 4096, 'budget.warmUpSteps': 25 };
  expect(() => rowConfig(row, scaleNamed('tiny'), settings)).toThrow(
    new UserError(
      'budget.warmUpSteps is 25, but the training has only 25 steps.',
      'Lower budget.warmUpSteps, or raise budget.timesteps.',
    ),
  );
});
