import { DatasetWriter, type Dataset } from '@fermata/data';
import { fold, randomKey, RandomStream, parseSettings } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';
import { expectNoLeak } from '@fermata/testing';
import { RunStore, trainingSettings } from '@fermata/training';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  profilePoint,
  profilePointIdentity,
  type ProfilePointConfig,
  type ProfilePointResult,
} from './profilePoint';

jest.setTimeout(30_000); // it trains

const symbols = 4;
const hit = 0.8 + 0.2 / symbols;
const miss = 0.2 / symbols;
const entropyRate = -hit * Math.log(hit) - (symbols - 1) * miss * Math.log(miss);

let folder: string;
let dataset: Dataset;
let coins: Dataset;

beforeAll(async () => {
  await selectBackend('cpu');
  folder = mkdtempSync(join(tmpdir(), 'fermata-'));
  const writer = new DatasetWriter(join(folder, 'data'), { symbols, rate: 100, description: 'Markov' });
  writer.add({ id: 'a', source: 'spec', split: 'train' }, markov('a', 20_000));
  writer.add({ id: 'b', source: 'spec', split: 'test' }, markov('b', 4_000));
  dataset = writer.finish([], []);
  const tosses = new DatasetWriter(join(folder, 'coins'), { symbols: 2, rate: 100, description: 'coins' });
  tosses.add({ id: 'a', source: 'spec', split: 'train' }, coin('a', 0.9, 20_000));
  tosses.add({ id: 'b', source: 'spec', split: 'test' }, coin('b', 0.5, 4_000));
  coins = tosses.finish([], []);
});
afterAll(() => {
  dataset.close();
  coins.close();
  rmSync(folder, { recursive: true });
});

// Each symbol follows from the second before it in 4 of 5 cases; the one just before tells nothing.
function markov(seed: string, length: number): Uint8Array {
  const stream = new RandomStream(fold(randomKey('markov'), seed));
  const sequence = Uint8Array.from({ length }, () => stream.integer(symbols));
  for (let t = 2; t < length; t++) {
    if (stream.uniform() < 0.8) sequence[t] = (sequence[t - 2] * 3 + 1) % symbols;
  }
  return sequence;
}

function coin(seed: string, heads: number, length: number): Uint8Array {
  const stream = new RandomStream(fold(randomKey('coin'), seed));
  return Uint8Array.from({ length }, () => (stream.uniform() < heads ? 1 : 0));
}

const training = parseSettings(
  trainingSettings,
  {
    seed: 1,
    steps: 50,
    batchSize: 8,
    cropLength: 27,
    learningRate: 0.03,
    schedule: { kind: 'cosine', warmUpSteps: 5 },
    polyakDecay: 0.9,
  },
  'spec',
);

function configOf(receptiveField: number): ProfilePointConfig {
  return { receptiveField, largestReceptiveField: 3, hidden: 16, training };
}

function pointOf(receptiveField: number): Promise<ProfilePointResult> {
  const config = configOf(receptiveField);
  const run = new RunStore(join(folder, 'runs')).run(profilePointIdentity(dataset, config));
  return expectNoLeak(() => profilePoint({ dataset, config, run }));
}

describe('profilePoint', () => {
  it('comes to the entropy rate where r reaches the order of a Markov sequence, and not before', async () => {
    const points: ProfilePointResult[] = [];
    for (const receptiveField of [0, 1, 2, 3]) points.push(await pointOf(receptiveField));
    const uniform = Math.log(symbols);
    for (const { nll } of points.slice(0, 2)) {
      expect(nll).toBeGreaterThan(uniform - 0.01);
      expect(nll).toBeLessThan(uniform + 0.05);
    }
    for (const { nll } of points.slice(2)) {
      expect(nll).toBeGreaterThan(entropyRate - 0.06);
      expect(nll).toBeLessThan(entropyRate + 0.06);
    }
    expect(points.map(({ positions }) => positions)).toEqual(new Array(4).fill(4_000 - 3));
    expect(points[0].entropy).toBeLessThanOrEqual(points[0].nll);
    expect(points[2]).toMatchObject({ parameters: 2 * 4 * 16 + 16 + 272 + 68, timesteps: 50 * 8 * 24 });
  });

  it.each([0, 1])(
    'learns from the train split and scores the requested timesteps of test: r = %i',
    async (r) => {
      const config = { ...configOf(r), testTimesteps: 1000 };
      const identity = profilePointIdentity(coins, config);
      expect(identity).not.toEqual(profilePointIdentity(dataset, config));
      const run = new RunStore(join(folder, 'runs')).run(identity);
      const { nll, positions } = await profilePoint({ dataset: coins, config, run });
      // NLL of a fair coin under the frequencies of train, 9 to 1; a model that had seen test would reach ln 2.
      const fooled = -(Math.log(0.9) + Math.log(0.1)) / 2;
      expect(Math.abs(nll - fooled)).toBeLessThan(0.15);
      expect(positions).toBe(1000 - 3);
    },
  );

  it('does not train a completed point again', async () => {
    const again = await pointOf(2);
    expect(await pointOf(2)).toEqual(again);
  });

  it('refuses what has no context', async () => {
    await expect(pointOf(4)).rejects.toThrow(
      'largestReceptiveField is 3, but must be an integer of at least 4',
    );
    const config = { ...configOf(1), training: { ...training, cropLength: 3 } };
    const run = new RunStore(join(folder, 'runs')).run(profilePointIdentity(dataset, config));
    await expect(profilePoint({ dataset, config, run })).rejects.toThrow('cropLength is 3');
  });
});
