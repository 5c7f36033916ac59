import { UserError } from '@fermata/core';
import { mostArrayValues } from '@fermata/models';

import { rowNamed, type Settings } from '../rows';
import { scaleNamed, scaleNames } from '../scales';
import { requireEnoughMemory } from './enoughMemory';

const tiny = scaleNamed('tiny');
const memory = 16 * 2 ** 30;

function complaint(id: string, settings: Settings, options = {}): string {
  try {
    requireEnoughMemory([{ row: rowNamed(id), settings }], tiny, { memory, ...options });
    return '';
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

it.each<[string, Settings, string]>([
  [
    '1.2',
    { 'budget.batchSize': 200_000 },
    '889 GiB of memory, but this machine has 16 GiB. Lower budget.batchSize (200000).',
  ],
  ['1.2', { 'budget.batchSize': 100_000_000 }, 'Lower budget.batchSize (100000000).'],
  ['1.2', { 'decoder.channels': 100_000 }, 'Lower decoder.channels (100000).'],
  ['1.2', { 'encoder.channels': 1e9 }, 'Lower encoder.channels (1000000000).'],
  ['1.2', { 'budget.cropLength': 1e9 }, 'Lower budget.cropLength (1000000000).'],
  ['1.2', { clipNorm: 2, 'budget.batchSize': 1e6, 'decoder.skip': 48 }, 'Lower budget.batchSize (1000000).'],
  ['1.1', { channels: 1e6 }, 'Lower channels (1000000).'],
])('refuses #%s with %j in one line that names the setting', (id, settings, end) => {
  const said = complaint(id, settings);
  expect(said.startsWith(`#${id} at scale tiny: a training step needs `)).toBe(true);
  expect(said.endsWith(end)).toBe(true);
});

it('refuses an array that is too long, however large the memory', () => {
  const settings = { 'budget.batchSize': 200_000 };
  expect(complaint('1.2', settings, { memory: 2 ** 50 })).toBe(
    `#1.2 at scale tiny: a training step needs an array of 75,400,000,000 values, but the most is 2,150,000,000. ` +
      'Lower budget.batchSize (200000).',
  );
  // 8 layers of 3 × 16 values, of which the last keeps 16 fewer, for 1,024 timesteps.
  const most = Math.floor(mostArrayValues / ((8 * 48 - 16) * 1024));
  expect(complaint('1.2', { 'budget.batchSize': most }, { memory: 2 ** 50 })).toBe('');
  expect(complaint('1.2', { 'budget.batchSize': most + 1 }, { memory: 2 ** 50 })).toContain('an array of');
});

it('says how many jobs fit', () => {
  const trainings = ['1.1', '1.2', '1.4'].map((id) => ({ row: rowNamed(id) }));
  const act = (concurrency: number) => () => {
    requireEnoughMemory(trainings, tiny, { concurrency, memory: 24 * 2 ** 20 });
  };
  expect(act(1)).not.toThrow();
  expect(act(3)).toThrow(
    /^3 trainings at a time need [\d.]+ GiB of memory, but this machine has 0\.0234 GiB\. Give --jobs 1\.$/,
  );
});

it('lets the rows of a scale train on a machine that is large enough', () => {
  for (const name of scaleNames.filter((each) => each !== 'paper')) {
    expect(() => {
      requireEnoughMemory([{ row: rowNamed('1.2') }], scaleNamed(name), { memory });
    }).not.toThrow();
  }
});
