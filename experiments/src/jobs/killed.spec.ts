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

/** How one process went, in milliseconds. */
interface Ended {
  readonly killed: boolean;
  /** What it took before its training began, and what it trained for, if it came to that. */
  readonly starting: number;
  readonly training: number;
}

/** When a process dies: so many milliseconds after it starts, or after its training begins. */
interface Kill {
  readonly from: 'start' | 'training';
  readonly after: number;
}

/** Trains an autoencoder in a process of its own, or goes on with it, and may end it by SIGKILL. */
async function train(runs: string, kill?: Kill): Promise<Ended> {
  const options: ChildOptions = { runs: join(folder, runs) };
  const child = spawn(
    process.execPath,
    [...fromSources, join(__dirname, '../testing/autoencoderChild.ts'), JSON.stringify(options)],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Not on a GPU, which need not add up in the same order twice.
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

/** Everything that a run came to but times. */
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

it('an autoencoder killed at random moments ends as one that never was, every time', async () => {
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
      // A run that came to its end before it could be killed is followed by another.
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
  // There was something to go on from, and not always the same.
  expect(startedFrom.size).toBeGreaterThan(2);
}, 180_000);
