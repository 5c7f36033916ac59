import { parseSettings } from '@fermata/core';
import { fromSources } from '@fermata/testing';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { trainingSettings } from './config/trainingConfig';
import { loadNewestCheckpoint } from './runs/checkpoint';
import { RunStore } from './runs/runStore';
import type { Run } from './runs/runStore';
import { readEvents } from './testing/readEvents';
import type { ChildOptions, Kill } from './testing/trainingChild';

const config = parseSettings(
  trainingSettings,
  {
    seed: 3,
    steps: 40,
    batchSize: 2,
    cropLength: 8,
    learningRate: 0.05,
    schedule: { kind: 'cosine', warmUpSteps: 5 },
    logEvery: 3,
    evaluateEvery: 10,
    checkpointEvery: 5,
  },
  'spec',
);

function runChild(runs: string, kill?: Kill): NodeJS.Signals | null {
  const options: ChildOptions = { runs, config, ...(kill && { kill }) };
  const child = spawnSync(
    process.execPath,
    [...fromSources, join(__dirname, 'testing/trainingChild.ts'), JSON.stringify(options)],
    { encoding: 'utf8' },
  );
  if (child.status !== 0 && child.signal === null) throw new Error(child.stderr);
  return child.signal;
}

const onlyRun = (runs: string): Run => new RunStore(runs).list()[0];
const withoutTimes = (run: Run) => run.metrics().map((line) => ({ ...line, times: undefined }));

describe('a run killed again and again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('ends as an uninterrupted run', () => {
    const undisturbed = join(folder, 'undisturbed');
    expect(runChild(undisturbed)).toBeNull();
    const killed = join(folder, 'killed');
    const kills: Kill[] = [
      { point: 'batch', step: 3 }, // before the first checkpoint
      { point: 'checkpoint', step: 5 },
      { point: 'metrics', step: 9 },
      { point: 'evaluation', step: 10 },
      { point: 'batch', step: 17 },
      { point: 'events', step: 27 },
      { point: 'checkpoint', step: 40 },
      { point: 'evaluation', step: 40 },
    ];
    for (const kill of kills) expect([kill, runChild(killed, kill)]).toEqual([kill, 'SIGKILL']);
    expect(runChild(killed)).toBeNull();

    const [expected, actual] = [onlyRun(undisturbed), onlyRun(killed)];
    expect(actual.id).toBe(expected.id);
    expect(withoutTimes(actual)).toEqual(withoutTimes(expected));
    expect(actual.metrics().length).toBe(14 + 4);
    expect({ ...actual.result(), wallSeconds: 0 }).toEqual({ ...expected.result(), wallSeconds: 0 });
    expect(readEvents(actual.folder)).toEqual(readEvents(expected.folder));
    expect(readEvents(actual.folder).length).toBe(14 * 5 + 4);
    const tensors = [expected, actual].map((run) => loadNewestCheckpoint(run.checkpoints, fail)!.tensors);
    expect([...tensors[1].keys()].sort()).toEqual([
      'adam/first/softmax/bias',
      'adam/first/softmax/kernel',
      'adam/second/softmax/bias',
      'adam/second/softmax/kernel',
      'polyak/softmax/bias',
      'polyak/softmax/kernel',
      'state/codebook',
      'weights/softmax/bias',
      'weights/softmax/kernel',
    ]);
    expect(tensors[1]).toEqual(tensors[0]);
    const { hyperparameters } = loadNewestCheckpoint(actual.checkpoints, fail)!.metadata;
    const moved = JSON.parse(hyperparameters) as Record<string, number>;
    expect(moved.learningRate).toBeCloseTo(0.05 * 0.99 ** 40, 9);
    expect(moved.penalty).toBeCloseTo(0.01 * 1.03 ** 40, 9);
    expect(actual.provenance()?.sessions.map(({ fromStep }) => fromStep)).toEqual([
      0, 1, 1, 5, 10, 15, 25, 35, 40,
    ]);
    expect(readdirSync(actual.checkpoints)).toEqual([
      'step-000000035.safetensors',
      'step-000000040.safetensors',
    ]);
    expect(readdirSync(actual.folder).filter((name) => name.startsWith('lock'))).toEqual([]);
  }, 60_000);

  it('is taken over from metrics.jsonl as the child wrote it', () => {
    const lines = readFileSync(onlyRun(join(folder, 'killed')).file('metrics.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    const steps = lines.map((line) => (JSON.parse(line) as { step: number }).step);
    expect(steps).toEqual([3, 6, 9, 10, 12, 15, 18, 20, 21, 24, 27, 30, 30, 33, 36, 39, 40, 40]);
  });
});

function fail(message: string): never {
  throw new Error(message);
}
