import { ingest } from '@fermata/audio';
import { decodeSafetensors, RunStore } from '@fermata/training';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runChild } from '../testing/child';
import { minimal } from '../testing/minimal';
import { writeRecording } from '../testing/recording';
import type { ChildOptions } from '../testing/trainChild';

const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
const at = (name: string) => join(folder, name);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Trains #1.2, a VQ-VAE, in its own process; returns the signal that ended it. */
function train(runs: string, dataset: string, kill?: ChildOptions['kill']): NodeJS.Signals | null {
  const argument = { scale: minimal, seed: 1, audio: dataset, dataName: 'take.wav', row: '1.2' };
  const options: ChildOptions = { argument, ...(kill && { kill }) };
  return runChild('trainChild.ts', options, { FERMATA_RUNS: at(runs), FERMATA_BACKEND: 'wasm' }).signal;
}

/** Result of the run in a store. */
function result(runs: string) {
  const [run] = new RunStore(at(runs)).list();
  const checkpoints = readdirSync(run.checkpoints).sort();
  const tensors = checkpoints.map((name) => {
    const path = join(run.checkpoints, name);
    return decodeSafetensors(readFileSync(path), path).tensors;
  });
  const measured = readdirSync(run.folder).find((name) => name.startsWith('measured-'))!;
  return {
    metrics: run.metrics().map((line) => ({ ...line, times: undefined })),
    checkpoints,
    /** Tensors of each kept checkpoint. */
    tensors,
    measured: { ...(JSON.parse(readFileSync(run.file(measured), 'utf8')) as object), seconds: 0 },
    startedFrom: run.provenance()?.sessions.map(({ fromStep }) => fromStep),
  };
}

it('an autoencoder that is killed repeatedly ends like one that never was, including its codebook', async () => {
  writeRecording(at('take.wav'), { seconds: 8, seed: 1 });
  const dataset = await ingest({ source: at('take.wav'), folder: at('cache') });
  dataset.close();

  expect(train('undisturbed', dataset.folder)).toBeNull();
  for (const kill of [
    { stage: 'train', done: 1 }, // before the first checkpoint
    { stage: 'train', done: 7 },
    { stage: 'score test', done: 1 }, // trained, but not measured
  ]) {
    expect([kill, train('killed', dataset.folder, kill)]).toEqual([kill, 'SIGKILL']);
  }
  expect(train('killed', dataset.folder)).toBeNull();

  const [expected, actual] = [result('undisturbed'), result('killed')];
  expect(actual.metrics).toEqual(expected.metrics);
  expect(actual.metrics.length).toBe(16);
  expect(actual.measured).toEqual(expected.measured);
  expect(actual.tensors).toEqual(expected.tensors);
  expect(expected.startedFrom).toEqual([0]);
  expect(actual.startedFrom).toEqual([0, 0, 6]);

  // The state includes the codebook and its moving sums.
  expect(expected.checkpoints).toEqual(['step-000000014.safetensors', 'step-000000016.safetensors']);
  const averages = ['counts', 'sums', 'weightOfBatches'].map((name) => `averages/${name}`);
  for (const name of ['codebook', ...averages, 'window/histogram']) {
    const [before, after] = expected.tensors.map((tensors) => tensors.get(`state/quantiser/${name}`)!);
    expect(after.values).not.toEqual(before.values);
  }
});
