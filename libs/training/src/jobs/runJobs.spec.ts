import { UserError } from '@fermata/core';
import { fromSources } from '@fermata/testing';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import type { JobArgument } from '../testing/jobChild';
import { defaultConcurrency, runJobs } from './runJobs';
import type { Job, RunJobsOptions } from './runJobs';

jest.setTimeout(60_000); // processes and disks may be busy

const testing = join(__dirname, '../testing');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fermata-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const job = (name: string, argument: JobArgument, after: readonly string[] = []): Job => ({
  name,
  module: join(testing, 'jobChild.ts'),
  argument: () => argument,
  after,
});
const worker = (name: string) => ({
  kind: 'work' as const,
  started: join(folder, name),
  saved: join(folder, `${name}.saved`),
});
const run = (jobs: readonly Job[], options: Partial<RunJobsOptions> = {}) =>
  runJobs(jobs, { concurrency: 2, execArgv: fromSources, ...options });

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('waited for twenty seconds');
    await setTimeout(10);
  }
}

const isAlive = (pid: number) => {
  try {
    // A zombie, which its parent has not yet reaped, has ended.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

describe('runJobs', () => {
  it('gives results, progress and warnings by name, and later jobs the results of earlier ones', async () => {
    const reports: string[] = [];
    const finished: string[] = [];
    const module = join(testing, 'jobChild.ts');
    const results = await run(
      [
        {
          name: 'c',
          module,
          argument: (done) => ({ kind: 'square', value: Number(done.get('a')) + 1 }),
          after: ['a'],
        },
        job('a', { kind: 'square', value: 3 }),
        job('b', { kind: 'square', value: 5 }),
      ],
      {
        onProgress: (name, { stage, done }) => reports.push(`${name} ${stage} ${done}`),
        onWarning: (name, message) => reports.push(`${name} ${message}`),
        onFinished: (name) => finished.push(name),
      },
    );
    expect(Object.fromEntries(results)).toEqual({ a: 9, b: 25, c: 100 });
    expect(finished).toHaveLength(3);
    expect(finished.indexOf('c')).toBeGreaterThan(finished.indexOf('a'));
    expect(reports.filter((report) => report.startsWith('a')).slice(0, 2)).toEqual([
      'a squaring 3',
      'a square 0',
    ]);
    expect(reports).toContain('c square 1000');
    expect(reports.length).toBeLessThan(30); // of 3,003
  });

  it('runs the permitted number at a time', async () => {
    // Each waits for a file that the other creates when it starts: one at a time would never end.
    const both = [
      job('a', { kind: 'wait', file: join(folder, 'go') }),
      job('b', { kind: 'wait', file: join(folder, 'go') }),
      job('c', { kind: 'square', value: 1 }, ['a', 'b']),
    ];
    const done = run(both);
    await setTimeout(300);
    writeFileSync(join(folder, 'go'), '');
    expect([...(await done).keys()].sort()).toEqual(['a', 'b', 'c']);
    const started: string[] = [];
    await run([job('a', { kind: 'print' }), job('b', { kind: 'print' })], {
      concurrency: 1,
      onFinished: (name) => started.push(`${name} done`),
      onOutput: (name, line) => started.push(`${name} ${line}`),
    });
    expect(started).toEqual(['a one', 'a two', 'a done', 'b one', 'b two', 'b done']);
    expect(defaultConcurrency(1)).toBeGreaterThanOrEqual(1);
    expect(defaultConcurrency(10_000)).toBe(1);
  });

  it.each<[string, number | undefined, string]>([
    ['3', undefined, '3'],
    ['3', 5, '5'],
    ['', undefined, String(defaultConcurrency(2))],
  ])('with FERMATA_THREADS %p and %p threads asked for gives each %s', async (wanted, threads, given) => {
    const { FERMATA_THREADS: before } = process.env;
    process.env.FERMATA_THREADS = wanted;
    try {
      const results = await run([job('a', { kind: 'threads' })], { threads });
      expect(results.get('a')).toBe(given);
    } finally {
      if (before === undefined) delete process.env.FERMATA_THREADS;
      else process.env.FERMATA_THREADS = before;
    }
  });

  it.each<[JobArgument['kind'], string, boolean]>([
    ['userError', 'bad: take.wav: the file is empty. Record it again.', true],
    ['crash', 'bad: its process was ended by SIGKILL. If memory ran out', true],
    ['error', 'bad: codes is undefined', false],
  ])('stops the others at the first failure, who save first: %s', async (kind, message, user) => {
    const good = worker('good');
    const running = run([
      job('good', good),
      job('go', { kind: 'wait', file: good.started }),
      job('bad', { kind } as JobArgument, ['go']),
      job('never', { kind: 'square', value: 1 }, ['good']),
    ]);
    const error: unknown = await running.catch((reason: unknown) => reason);
    expect((error as Error).message).toContain(message);
    expect(error instanceof UserError).toBe(user);
    if (!user) expect((error as Error).cause).toContain('jobChild.ts');
    expect(existsSync(good.saved)).toBe(true);
    expect(isAlive(Number(readFileSync(good.started, 'utf8')))).toBe(false);
  });

  it('stops all when it is told to', async () => {
    const [first, second] = [worker('first'), worker('second')];
    const controller = new AbortController();
    const running = run([job('a', first), job('b', second), job('c', worker('third'))], {
      signal: controller.signal,
    });
    await until(() => existsSync(first.started) && existsSync(second.started));
    controller.abort(new Error('Ctrl-C'));
    await expect(running).rejects.toThrow('Ctrl-C');
    expect([first, second].map(({ saved }) => existsSync(saved))).toEqual([true, true]);
    expect(existsSync(worker('third').started)).toBe(false);
  });

  it('reports a stopped job that cannot save its progress', async () => {
    const [first, second] = [worker('first'), { kind: 'work', started: join(folder, 'second') } as const];
    const controller = new AbortController();
    const running = run([job('a', first), job('b', second)], { signal: controller.signal });
    await until(() => existsSync(first.started) && existsSync(second.started));
    controller.abort(new Error('Ctrl-C'));
    await expect(running).rejects.toThrow(
      new UserError('b: metrics.jsonl: the disk is full.', 'Free some space.'),
    );
    expect(existsSync(first.saved)).toBe(true);
  });

  it.each<[NodeJS.Signals, string]>([
    ['SIGINT', 'saving\nAbortError\n'],
    ['SIGTERM', 'saving\nAbortError\n'],
    ['SIGHUP', 'saving\nAbortError\n'],
    ['SIGKILL', ''],
  ])('leaves no process behind when it ends by %s', async (signal, printed) => {
    const argument = worker('orphan');
    const parent = spawn(
      process.execPath,
      [...fromSources, join(testing, 'jobParent.js'), JSON.stringify(argument)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let output = '';
    parent.stdout.on('data', (data: Buffer) => (output += data.toString()));
    await until(() => existsSync(argument.started) && readFileSync(argument.started, 'utf8') !== '');
    parent.kill(signal);
    await new Promise((resolve) => parent.once('close', resolve));
    expect(output).toBe(printed);
    const pid = Number(readFileSync(argument.started, 'utf8'));
    await until(() => !isAlive(pid));
    expect(existsSync(argument.saved)).toBe(true);
  });

  it('rejects jobs that can never run', async () => {
    const square: JobArgument = { kind: 'square', value: 1 };
    await expect(run([job('a', square), job('a', square)])).rejects.toThrow('two jobs share a name');
    await expect(run([job('a', square, ['b']), job('b', square, ['a'])])).rejects.toThrow(
      'these jobs can never start: a waits for b; b waits for a',
    );
    await expect(run([job('a', square, ['z'])])).rejects.toThrow('these jobs can never start: a waits for z');
    await expect(run([job('a', square)], { concurrency: 0 })).rejects.toThrow(RangeError);
    const missing = {
      ...job('a', square),
      argument: () => {
        throw new RangeError('no codes yet');
      },
    };
    await expect(run([missing, job('b', worker('b'))])).rejects.toThrow('no codes yet');
  });
});
