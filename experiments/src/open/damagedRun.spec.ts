import { UserError } from '@fermata/core';
import { ingest } from '@fermata/audio';
import { selectBackend } from '@fermata/tensor';
import { RunStore } from '@fermata/training';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { rowRun, runPlanned, trainRow, workOn, type RowArgument } from '../jobs';
import { recordedOf } from '../results/recordedOf';
import { minimal } from '../testing/minimal';
import { writeRecording } from '../testing/recording';
import { findRun, listModels } from './findRun';

// Damaged JSON files of a trained row: the remedy in the error keeps everything else.
const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
const runs = process.env.FERMATA_RUNS;
let argument: RowArgument;

beforeAll(async () => {
  process.env.FERMATA_RUNS = join(folder, 'runs');
  await selectBackend('wasm');
  writeRecording(join(folder, 'take.wav'), { seconds: 8, seed: 1 });
  const dataset = await ingest({ source: join(folder, 'take.wav'), folder: join(folder, 'cache') });
  dataset.close();
  argument = { row: '1.1', scale: minimal, seed: 1, audio: dataset.folder, dataName: 'take' };
  await workOn({ kind: 'train', argument }, { ...quiet, onProgress: () => undefined });
}, 60_000);
afterAll(() => {
  if (runs === undefined) delete process.env.FERMATA_RUNS;
  else process.env.FERMATA_RUNS = runs;
  rmSync(folder, { recursive: true });
});

const quiet = { onWarning: () => undefined, signal: new AbortController().signal };
/** Plans the training again, as `fermata train` does: it is done. @returns the number of jobs that were done */
async function trainAgain(): Promise<number> {
  let wereDone = 0;
  await runPlanned([{ name: 'train', work: { kind: 'train', argument }, after: [] }], {
    ...quiet,
    concurrency: 1,
    onProgress: () => undefined,
    onPlanned: (done) => (wereDone = done),
    onFinished: () => undefined,
  });
  return wereDone;
}

function cards() {
  const damaged: string[] = [];
  const found = listModels(new RunStore(), ({ message }) => damaged.push(message));
  return { rows: found.map(({ row }) => row), damaged };
}

it.each(['config.json', 'label.json', 'provenance.json'])(
  'names %s, and the training command writes it again',
  async (name) => {
    const run = rowRun(argument);
    writeFileSync(run.file(name), '\0\0\0\0');
    const error = new UserError(
      `${run.file(name)}: damaged (not JSON).`,
      'Delete this file, and run the same command again: it writes the file again, and keeps everything else of the run.',
    );
    expect(cards()).toEqual({ rows: [], damaged: [error.message] });
    expect(() => findRun(run.id.slice(0, 6))).toThrow(error);
    rmSync(run.file(name));
    expect(await trainAgain()).toBe(1);
    expect(cards()).toEqual({ rows: ['1.1'], damaged: [] });
    expect(findRun(run.id.slice(0, 6))).toMatchObject({ run: run.id, data: { name: 'take' } });
    expect(recordedOf(argument, 'take')).toMatchObject({ row: '1.1' });
  },
);

it('names damaged measurements, and measures again', async () => {
  const run = rowRun(argument);
  const path = run.file(trainRow.outcomeFile(argument));
  const before = readFileSync(path, 'utf8');
  writeFileSync(path, before.slice(0, 100));
  await expect(trainAgain()).rejects.toThrow(
    `${path}: damaged (not JSON). Delete this file, and run the same`,
  );
  expect(cards().damaged).toHaveLength(1);
  rmSync(path);
  const checkpoints = readdirSync(run.checkpoints);
  await workOn({ kind: 'train', argument }, { ...quiet, onProgress: () => undefined });
  expect(readFileSync(path, 'utf8')).toBe(before);
  expect(readdirSync(run.checkpoints)).toEqual(checkpoints);
});
