import { encodeSequence } from '@fermata/autoencoder';
import { ingest } from '@fermata/audio';
import { UserError } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { perform } from './jobs/job';
import { trainRow } from './jobs/trainRow';
import { minimal } from './testing/minimal';
import { writeRecording } from './testing/recording';
import { withTrainedAutoencoder, type TrainedAutoencoderOptions } from './trainedRow';

const environment = { ...process.env };
const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
const [take, excerpt, click] = ['take.wav', 'excerpt.wav', 'click.wav'].map((name) => join(folder, name));
const signal = new AbortController().signal;
const listeners = {
  onProgress: () => undefined,
  onFinished: () => undefined,
  onWarning: () => undefined,
  signal,
};
const options: TrainedAutoencoderOptions = {
  row: '1.2',
  scale: minimal,
  seed: 1,
  data: [take],
  recording: excerpt,
  needsCodes: true,
  ...listeners,
};

beforeAll(async () => {
  process.env.FERMATA_RUNS = join(folder, 'runs');
  process.env.FERMATA_CACHE = join(folder, 'cache');
  await selectBackend('wasm');
  writeRecording(take, { seconds: 8, seed: 1 });
  writeRecording(excerpt, { seconds: 0.1, seed: 2 });
  writeRecording(click, { seconds: 7 / 16000, seed: 3 });
});
afterAll(() => {
  process.env = { ...environment };
  rmSync(folder, { recursive: true, force: true });
});

const complaint = async (changes: Partial<TrainedAutoencoderOptions>): Promise<string> => {
  const error: unknown = await withTrainedAutoencoder({ ...options, ...changes }, () =>
    Promise.reject(new Error('it was called')),
  ).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).message;
};

it.each<[string, Partial<TrainedAutoencoderOptions>, string]>([
  ['a row without codes', { row: '1.1' }, 'Row 1.1 is no autoencoder: it has no codes. Choose another row.'],
  [
    'a row with a continuous bottleneck',
    { row: '1.2-continuous' },
    'Row 1.2-continuous has a continuous bottleneck: it has no codes. Choose another row.',
  ],
  [
    'values that the model cannot have',
    { settings: { 'quantiser.codebook': 'gradients' } },
    "#1.2: codebook is gradients, but must be 'ema' or 'gradient'. Choose another value of quantiser.codebook.",
  ],
  [
    'a recording that is not there',
    { recording: join(folder, 'none.wav') },
    `${join(folder, 'none.wav')}: there is no such file or folder. Check the spelling of the path.`,
  ],
  [
    'a recording shorter than a code',
    { recording: click },
    `${click}: a code of #1.2 stands for 8 samples at 16 kHz, but there are 7. Choose a longer recording.`,
  ],
  [
    'less of it than a code',
    { row: '1.7', seconds: 63 / 16000 },
    `${excerpt}: a code of #1.7 stands for 64 samples at 16 kHz, but there are 63. Give more --seconds.`,
  ],
])('withTrainedAutoencoder refuses %s before it prepares data', async (_what, changes, message) => {
  expect(await complaint(changes)).toBe(message);
  expect(readdirSync(folder)).not.toContain('cache');
});

it('takes a continuous bottleneck where no codes are needed', async () => {
  expect(await complaint({ row: '1.2-continuous', needsCodes: false })).toContain('is not trained');
});

it.each<[string, TrainedAutoencoderOptions['settings']]>([
  ["the row's own settings", undefined],
  ['a codebook learnt by gradient', { 'quantiser.codebook': 'gradient' }],
])('hands over the model trained with %s, and the symbols of the recording', async (_what, settings) => {
  expect(await complaint({ settings })).toContain(
    'Row 1.2 is not trained at scale minimal with seed 1 on these data.',
  );
  const dataset = await ingest({
    source: [take],
    folder: join(folder, 'cache', 'audio'),
    minutes: {
      train: minimal.trainMinutes,
      validation: minimal.heldOutMinutes,
      test: minimal.heldOutMinutes,
    },
  });
  dataset.close();
  const argument = {
    row: '1.2',
    scale: minimal,
    seed: 1,
    dataset: dataset.folder,
    ...(settings && { settings }),
  };
  await perform(trainRow, argument, listeners);
  const { training } = trainRow.run(argument).result()!;
  expect('codebook' in training).toBe(settings !== undefined);
  const codes = (seconds?: number) =>
    withTrainedAutoencoder({ ...options, settings, seconds }, ({ model, rate, symbols }) => {
      expect(rate).toBe(16000);
      expect(symbols).toHaveLength(Math.round((seconds ?? 0.1) * 16000));
      return encodeSequence(model, symbols);
    });
  expect(await codes()).toHaveLength(200);
  expect(await codes(8 / 16000)).toHaveLength(1);
});
