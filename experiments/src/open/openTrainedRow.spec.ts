import { ingest } from '@fermata/audio';
import { outputMarker, randomKey, UserError } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';
import { RunStore } from '@fermata/training';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { perform } from '../jobs/job';
import { encodeDataset } from '../jobs/encodeDataset';
import { trainRow } from '../jobs/trainRow';
import { minimal } from '../testing/minimal';
import { writeRecording } from '../testing/recording';
import { exportModel } from './exportModel';
import { findRun, listModels } from './findRun';
import { openModel } from './openModel';
import { openTrainedRow, type TrainedRowOptions } from './trainOneRow';
import { openRecording } from './recording';
import { encodeRecording, reconstructRecording, reconstructRecordingChunks } from './useModel';

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
const options: TrainedRowOptions = { row: '1.2', scale: minimal, seed: 1, data: [take], ...listeners };
const argument = { row: '1.2', scale: minimal, seed: 1, dataName: 'take.wav', audio: '' };

beforeAll(async () => {
  process.env.FERMATA_RUNS = join(folder, 'runs');
  process.env.FERMATA_CACHE = join(folder, 'cache');
  await selectBackend('wasm');
  writeRecording(take, { seconds: 26, seed: 1 });
  writeRecording(excerpt, { seconds: 0.1, seed: 2 });
  writeRecording(click, { seconds: 7 / 16000, seed: 3 });
});
afterAll(() => {
  process.env = { ...environment };
  rmSync(folder, { recursive: true, force: true });
});

/** Returns the message of a UserError. */
async function complaint(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as UserError).message;
  }
  throw new Error('nothing was refused');
}

async function prepareAudio(): Promise<string> {
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
  return dataset.folder;
}

it('refuses settings that the row cannot have before it prepares data', async () => {
  const settings = { 'quantiser.codebook': 'gradients' };
  expect(await complaint(() => openTrainedRow({ ...options, settings }))).toBe(
    '#1.2: model.quantiser.codebook is "gradients". It must be one of "ema", "gradient". Did you mean gradient?',
  );
  expect(readdirSync(folder)).not.toContain('cache');
});

it.each<[string, TrainedRowOptions['settings']]>([
  ["the row's own settings", undefined],
  ['a codebook learnt by gradient', { 'quantiser.codebook': 'gradient' }],
])('opens the model trained with %s', async (_what, settings) => {
  const message = await complaint(() => openTrainedRow({ ...options, settings }));
  expect(message).toContain('Row 1.2 is not trained at scale minimal with seed 1 on these data.');
  const trained = { ...argument, audio: await prepareAudio(), ...(settings && { settings }) };
  await perform(trainRow, trained, listeners);
  const { training } = trainRow.run(trained).result()!;
  expect('codebook' in training).toBe(settings !== undefined);
  const opened = await openTrainedRow({ ...options, settings });
  const symbols = await openRecording(opened, excerpt, { signal });
  expect(symbols).toHaveLength(1600);
  expect(await encodeRecording(opened, symbols, listeners)).toHaveLength(200);
  const short = await openRecording(opened, excerpt, { seconds: 8 / 16000, signal });
  expect(await encodeRecording(opened, short, listeners)).toHaveLength(1);
  opened.dispose();
});

describe('a trained model', () => {
  let id: string;
  let prior: string;
  beforeAll(async () => {
    const trained = { ...argument, audio: await prepareAudio() };
    await perform(trainRow, trained, listeners);
    await perform(encodeDataset, trained, listeners);
    await perform(trainRow, { ...trained, row: '2.1' }, listeners);
    id = trainRow.run(trained).id;
    prior = trainRow.run({ ...trained, row: '2.1' }).id;
  });
  const codesBy = async (opened: ReturnType<typeof openModel>) => {
    const symbols = await openRecording(opened, excerpt, { signal });
    const codes = await encodeRecording(opened, symbols, listeners);
    opened.dispose();
    return codes;
  };

  it('is listed with its identity and its numbers', () => {
    const card = listModels().find(({ run }) => run === id)!;
    expect(card).toMatchObject({
      row: '1.2',
      scale: 'minimal',
      seed: 1,
      data: { name: 'take.wav' },
      steps: 16,
      plannedSteps: 16,
      below: [],
      bits: 8,
      rate: 16000,
    });
    expect(card.measured!.evalNll).toBeGreaterThan(0);
    expect(listModels().find(({ run }) => run === prior)).toMatchObject({ below: [id], rate: 2000 });
  });

  it('is found by the beginning of its id', async () => {
    expect(findRun(id.slice(0, 6)).run).toBe(id);
    expect(await complaint(() => findRun('zzz'))).toContain('no run begins with zzz');
    expect(await complaint(() => findRun(''))).toContain('Give more letters.');
    const encoded = new RunStore().list().find((run) => 'job' in run.identity.config)!;
    expect(await complaint(() => findRun(encoded.id))).toBe(
      `Run ${encoded.id} trained no row of a table. List models with \`fermata runs\`.`,
    );
  });

  it('needs no data', async () => {
    const expected = await codesBy(openModel({ run: id }));
    rmSync(join(folder, 'cache'), { recursive: true });
    expect(await codesBy(openModel({ run: id.slice(0, 8) }))).toEqual(expected);
    await prepareAudio();
  });

  it('is the same after export and opening in float32, and nearly so in bf16', async () => {
    const place = join(folder, 'exported');
    await exportModel({ run: id }, place);
    expect(readdirSync(place).sort()).toEqual([outputMarker, 'model.json', 'model.safetensors']);
    const expected = await codesBy(openModel({ run: id }));
    expect(await codesBy(openModel({ model: place }))).toEqual(expected);
    await exportModel({ run: id }, join(folder, 'half'), 'bf16');
    const half = await codesBy(openModel({ model: join(folder, 'half') }));
    const same = half.filter((code, index) => code === expected[index]).length;
    expect(same / half.length).toBeGreaterThan(0.8);
    const sizes = [place, join(folder, 'half')].map(
      (at) => readFileSync(join(at, 'model.safetensors')).length,
    );
    expect(sizes[1]).toBeLessThan(0.7 * sizes[0]);
  });

  it('includes the levels below it', async () => {
    const place = join(folder, 'prior');
    await exportModel({ run: prior }, place);
    expect(readdirSync(place).sort()).toEqual([outputMarker, 'level-1', 'model.json', 'model.safetensors']);
    const opened = openModel({ model: place });
    expect([opened.card.row, ...opened.below.map(({ card }) => card.row)]).toEqual(['2.1', '1.2']);
    opened.dispose();
  });

  it('is refused if it is damaged, of another version, or missing', async () => {
    const place = join(folder, 'damaged');
    cpSync(join(folder, 'exported'), place, { recursive: true });
    expect(await complaint(() => openModel({ model: join(folder, 'nowhere') }))).toContain(
      'this folder has no exported model',
    );
    const card = readFileSync(join(place, 'model.json'), 'utf8');
    writeFileSync(join(place, 'model.json'), card.replace('fermata-model-1', 'fermata-model-9'));
    expect(await complaint(() => openModel({ model: place }))).toContain(
      'format is "fermata-model-9". It must be "fermata-model-1".',
    );
    writeFileSync(join(place, 'model.json'), card.slice(0, 100));
    expect(await complaint(() => openModel({ model: place }))).toContain('model.json: not JSON.');
    writeFileSync(join(place, 'model.json'), card);
    const weights = readFileSync(join(place, 'model.safetensors'));
    writeFileSync(join(place, 'model.safetensors'), weights.subarray(0, weights.length - 5));
    expect(await complaint(() => openModel({ model: place }))).toContain('not a whole safetensors file');
  });

  it('reports that data have changed since its training', async () => {
    const original = readFileSync(take);
    writeRecording(take, { seconds: 26, seed: 5 });
    expect(await complaint(() => openTrainedRow(options))).toBe(
      'Row 1.2 was trained at scale minimal with seed 1 on take.wav, but the data have changed since. ' +
        'Train it again (`fermata train 1.2 --scale minimal` with the same --seed, --data and --set), ' +
        `or use the old model with --run ${id}.`,
    );
    writeFileSync(take, original);
  });

  it('takes recordings that are long enough, and reconstructs them', async () => {
    const opened = openModel({ run: id });
    expect(await complaint(() => openRecording(opened, join(folder, 'none.wav'), { signal }))).toBe(
      `${join(folder, 'none.wav')}: there is no such file or folder. Check the spelling of the path.`,
    );
    expect(await complaint(() => openRecording(opened, click, { signal }))).toBe(
      `${click}: a code of #1.2 stands for 8 samples at 16 kHz, but there are 7. Choose a longer recording.`,
    );
    expect(await complaint(() => openRecording(opened, excerpt, { seconds: 7 / 16000, signal }))).toContain(
      'Give more --seconds.',
    );
    const symbols = await openRecording(opened, excerpt, { seconds: 0.01, signal });
    const again = await reconstructRecording(opened, symbols, { key: randomKey('again'), ...listeners });
    expect(again).toHaveLength(160);
    const inPieces: number[] = [];
    const options = { key: randomKey('again'), ...listeners };
    for await (const chunk of reconstructRecordingChunks(opened, symbols, options)) {
      expect(chunk.original).toHaveLength(chunk.again.length);
      inPieces.push(...chunk.again);
    }
    expect(inPieces).toEqual([...again]);
    opened.dispose();
    const model = openModel({ run: prior });
    expect(await complaint(() => encodeRecording(model, symbols, listeners))).toBe(
      'Row 2.1 is not an autoencoder: it has no codes. Choose another model.',
    );
    model.dispose();
  });
});
