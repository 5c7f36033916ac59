import { fold, RandomStream, randomKey } from '@fermata/core';
import { fromSources, testBackends } from '@fermata/testing';
import { decodeSafetensors, RunStore } from '@fermata/training';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import type { ChildOptions } from '../testing/autoencoderChild';

const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Timing of one process, in milliseconds. */
interface Ended {
  readonly killed: boolean;
  /** Time before its training began, and time of the training, if it began. */
  readonly starting: number;
  readonly training: number;
}

/** Time of a process's death, in milliseconds after its start or after the beginning of its training. */
interface Kill {
  readonly from: 'start' | 'training';
  readonly after: number;
}

/** Trains an autoencoder in its own process, or continues its training, and may end it by SIGKILL. */
async function train(runs: string, kill?: Kill): Promise<Ended> {
  const options: ChildOptions = { runs: join(folder, runs) };
  const child = spawn(
    process.execPath,
    [...fromSources, join(__dirname, '../testing/autoencoderChild.ts'), JSON.stringify(options)],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Avoids a GPU, which may add up in a different order each time.
      env: {
        ...process.env,
        FERMATA_BACKEND: testBackends.at(-1),
        FERMATA_THREADS: '1',
      },
    },
  );
  const started = performance.now();
  let began: number | undefined;
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
  const ended = once(child, 'close');
  const begun = once(child.stdout, 'data').then(() => (began = performance.now()));
  if (kill !== undefined) {
    if (kill.from === 'training') await Promise.race([begun, ended]);
    await Promise.race([setTimeout(kill.after), ended]);
    child.kill('SIGKILL');
  }
  const [status, signal] = (await ended) as [number | null, NodeJS.Signals | null];
  if (status !== 0 && signal !== 'SIGKILL') throw new Error(complaint);
  const now = performance.now();
  return { killed: signal === 'SIGKILL', starting: (began ?? now) - started, training: now - (began ?? now) };
}

/** Outcome of a run, without times. */
function outcome(runs: string) {
  const [run] = new RunStore(join(folder, runs)).list();
  const checkpoints = readdirSync(run.checkpoints).sort();
  return {
    result: { ...run.result(), wallSeconds: 0 },
    metrics: run.metrics().map((line) => ({ ...line, times: undefined })),
    checkpoints: checkpoints.map((name) => {
      const path = join(run.checkpoints, name);
      const { tensors, metadata } = decodeSafetensors(readFileSync(path), path);
      const { sums, summedSteps } = JSON.parse(metadata.bookkeeping) as Record<string, unknown>;
      return { name, tensors, sums, summedSteps };
    }),
    files: readdirSync(run.folder).filter((name) => !name.startsWith('events')),
  };
}

it('an autoencoder killed at random moments always ends like one that never was', async () => {
  const { starting, training } = await train('undisturbed');
  const expected = outcome('undisturbed');
  expect(expected.metrics.length).toBe(15 + 7);

  const killRuns = async (lane: number): Promise<{ runs: string[]; kills: number }> => {
    const stream = new RandomStream(fold(randomKey('kills'), lane));
    let kills = 0;
    let runs = [`${lane}.0`];
    while (kills < 12) {
      const kill: Kill =
        stream.uniform() < 0.2
          ? { from: 'start', after: stream.uniform() * starting }
          : { from: 'training', after: stream.uniform() * training };
      // Another run follows one that ended before it could be killed.
      if ((await train(runs[0], kill)).killed) kills++;
      else runs = [`${lane}.${runs.length}`, ...runs];
    }
    await train(runs[0]);
    return { runs, kills };
  };
  const lanes = await Promise.all([1, 2].map(killRuns));
  expect(lanes.reduce((sum, { kills }) => sum + kills, 0)).toBe(24);
  const startedFrom = new Set<number>();
  for (const runs of lanes.flatMap((lane) => lane.runs)) {
    expect([runs, outcome(runs)]).toEqual([runs, expected]);
    const [run] = new RunStore(join(folder, runs)).list();
    for (const { fromStep } of run.provenance()!.sessions) startedFrom.add(fromStep);
  }
  // Runs continued from several different checkpoints.
  expect(startedFrom.size).toBeGreaterThan(2);
}, 180_000);
