import { decodeAudioFile, encodeMuLaw } from '@fermata/audio';
import { DatasetWriter, openDataset, type Dataset } from '@fermata/data';
import { randomKey, RandomStream } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { audio } from '../rows';
import { minimal } from '../testing/minimal';
import { encodeDataset } from './encodeDataset';
import { codesFolder } from './rowRun';
import { perform } from './job';
import { profile } from './profile';
import { reconstructExcerpts } from './reconstructExcerpts';
import { trainRow } from './trainRow';

jest.setTimeout(60_000); // it trains

const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
const runs = process.env.FERMATA_RUNS;
let dataset: Dataset;
beforeAll(async () => {
  process.env.FERMATA_RUNS = join(folder, 'runs');
  await selectBackend('wasm');
  dataset = dataOfThreeSplits();
});
afterAll(() => {
  if (runs === undefined) delete process.env.FERMATA_RUNS;
  else process.env.FERMATA_RUNS = runs;
  dataset.close();
  rmSync(folder, { recursive: true });
});

// Noise of different symbols in each split: a model of one split does not know another.
function dataOfThreeSplits(): Dataset {
  const writer = new DatasetWriter(join(folder, 'data'), { symbols: 256, rate: 16000, description: 'noise' });
  const stream = new RandomStream(randomKey('noise'));
  const add = (split: 'train' | 'validation' | 'test', length: number, from: number) => {
    const symbols = Uint8Array.from({ length }, () => from + stream.integer(4));
    writer.add({ id: `of ${split}`, source: 'spec', split }, symbols);
  };
  add('train', 40_000, 120);
  add('validation', 24_000, 20);
  add('test', 20_000, 200);
  return writer.finish();
}

const scale = {
  ...minimal,
  audioBudget: { timesteps: 60 * 512, batchSize: 2, cropLength: 256, learningRate: 0.03, warmUpSteps: 2 },
};
const argumentOf = (row: string) => ({ scale, seed: 1, audio: dataset.folder, dataName: 'noise', row });
const context = {
  onProgress: () => undefined,
  onWarning: () => undefined,
  signal: new AbortController().signal,
};

it('trains on the train split, and scores it and the test split each by themselves', async () => {
  const { trainNll, evalNll } = await perform(trainRow, argumentOf('1.1'), context);
  expect(trainNll).toBeLessThan(3);
  expect(evalNll).toBeGreaterThan(trainNll + 1);
});

describe('of an autoencoder', () => {
  // The rate is so low that the codebook stays as initialised, and does not collapse.
  const slow = { ...scale, audioBudget: { ...scale.audioBudget, learningRate: 1e-6 } };
  const autoencoder = () => ({ ...argumentOf('1.2'), scale: slow });
  beforeAll(() => perform(trainRow, autoencoder(), context));

  it('a past or codes in another order change the NLL, and a second of codes has a perplexity', async () => {
    const { evalNll, shuffledPastNll, codes } = await perform(trainRow, autoencoder(), context);
    expect(new Set([evalNll, shuffledPastNll, codes!.shuffledNll]).size).toBe(3);
    expect(codes!.oneSecondPerplexity).not.toBeNull();
  });

  it('excerpts come from the middle of test pieces, and their distance is that of the reconstruction', async () => {
    const { excerpts } = await perform(reconstructExcerpts, autoencoder(), context);
    expect(excerpts).toHaveLength(1);
    const [{ piece, startSeconds, original, logSpectralDistance }] = excerpts;
    // The middle 1,600 of 20,000.
    expect([piece, startSeconds]).toEqual(['of test', 9200 / 16000]);
    const { channels } = await decodeAudioFile(reconstructExcerpts.run(autoencoder()).file(original));
    const [test] = dataset.pieces.filter(({ split }) => split === 'test');
    expect(encodeMuLaw(channels[0])).toEqual(dataset.read(test, 9200, 1600));
    expect(logSpectralDistance).toBeGreaterThan(0);
  });

  it('codes are a dataset with the same pieces and splits, at the rate of codes', async () => {
    await perform(encodeDataset, autoencoder(), context);
    const codes = openDataset(codesFolder(encodeDataset.run(autoencoder())));
    codes.close();
    expect(codes).toMatchObject({ rate: 2000, symbols: 256 });
    expect(codes.pieces.map(({ id, split, length }) => [id, split, length])).toEqual([
      ['of train', 'train', 5000],
      ['of validation', 'validation', 3000],
      ['of test', 'test', 2500],
    ]);
  });
});

it('scores every point of a profile on the timesteps of the largest receptive field', () => {
  const run = profile.run({
    scale,
    seed: 1,
    audio: dataset.folder,
    dataName: 'noise',
    sequence: audio(),
    receptiveField: 0,
  });
  expect(run.identity.config).toMatchObject({ receptiveField: 0, largestReceptiveField: 2 });
});
