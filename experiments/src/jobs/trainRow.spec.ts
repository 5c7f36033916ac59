import { ingest } from '@fermata/audio';
import { openDataset, timed } from '@fermata/data';
import type { Progress } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';
import { RunStore } from '@fermata/training';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { minimal } from '../testing/minimal';
import { writeRecording } from '../testing/recording';
import { perform } from './job';
import { reconstructExcerpts } from './reconstructExcerpts';
import type { RowArgument } from './rowRun';
import { trainRow } from './trainRow';

const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
const runs = process.env.FERMATA_RUNS;
beforeAll(async () => {
  process.env.FERMATA_RUNS = join(folder, 'runs');
  await selectBackend('wasm');
});
afterAll(() => {
  if (runs === undefined) delete process.env.FERMATA_RUNS;
  else process.env.FERMATA_RUNS = runs;
  rmSync(folder, { recursive: true });
});

/** The folder of a dataset of one recording. */
async function dataOfOneTake(): Promise<string> {
  writeRecording(join(folder, 'take.wav'), { seconds: 8, seed: 1 });
  const dataset = await ingest({ source: join(folder, 'take.wav'), folder: join(folder, 'cache') });
  dataset.close();
  return dataset.folder;
}

it('scores as much of the held-out split as the scale says, and counts codes over all of it', async () => {
  const dataset = timed(openDataset(await dataOfOneTake()));
  dataset.close();
  const [piece] = dataset.pieces.filter(({ split }) => split === 'test');
  const scale = { ...minimal, scoredMinutes: 0.003 };
  const scored = scale.scoredMinutes * 60 * dataset.rate;
  expect(piece.length).toBeGreaterThan(1.5 * scored);
  const stages = new Set<string>();
  const argument = { scale, seed: 1, audio: dataset.folder, dataName: 'take', row: '1.2' };
  const context = {
    onProgress: ({ stage, done, total }: Progress) => {
      stages.add(stage);
      expect(done).toBeLessThanOrEqual(total);
    },
    onWarning: () => undefined,
    signal: new AbortController().signal,
  };
  const outcome = await perform(trainRow, argument, context);
  expect(outcome.positions).toBeGreaterThan(0.8 * scored);
  expect(outcome.positions).toBeLessThan(scored);
  const counted = outcome.codes!.histogram.reduce((sum, count) => sum + count, 0);
  expect(counted).toBe(Math.floor(piece.length / 8));
  expect([...stages]).toEqual([
    'train',
    'score train',
    'score test',
    'score shuffled past',
    'count codes',
    'encode test',
    'score shuffled',
  ]);

  // Measured on the validation split, the training is the same, and the test split is not read.
  stages.clear();
  const validated = await perform(trainRow, { ...argument, heldOut: 'validation' }, context);
  expect(stages).toContain('score validation');
  expect(stages).toContain('encode validation');
  expect([...stages].join()).not.toMatch(/test|^train/);
  expect(validated).toMatchObject({ run: outcome.run, trainNll: outcome.trainNll });
  expect(validated.evalNll).not.toBe(outcome.evalNll);

  // Every folder of a run has a label.
  await perform(reconstructExcerpts, argument, context);
  const configs = new RunStore().list().map(({ identity }) => identity.config);
  expect(configs).toHaveLength(2);
  expect(configs).toContainEqual(expect.objectContaining({ job: 'reconstruct', model: outcome.run }));
});

it('warns once of a collapse of the codebook', async () => {
  const steps = 80;
  const argument: RowArgument = {
    row: '1.2',
    scale: {
      ...minimal,
      audioBudget: {
        timesteps: steps * 8 * 256,
        batchSize: 8,
        cropLength: 256,
        learningRate: 0.12, // queries soon move faster than the codebook follows
        warmUpSteps: 79,
      },
    },
    settings: { 'quantiser.codebookSize': 32 },
    audio: await dataOfOneTake(),
    dataName: 'take',
    seed: 3,
  };
  const warnings: string[] = [];
  await perform(trainRow, argument, {
    onProgress: () => undefined,
    onWarning: (message) => warnings.push(message),
    signal: new AbortController().signal,
  });
  expect(warnings).toEqual([
    expect.stringMatching(/^The codebook has collapsed: at step \d+ .* of 32 codes are dead/),
  ]);
}, 120_000);
