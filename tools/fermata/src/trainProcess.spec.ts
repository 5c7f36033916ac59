import { testBackends } from '@fermata/testing';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

import { tone, wavBytes } from './testing/files';
import { startCommand, until, type StartedCommand, type StartOptions } from './testing/startCommand';

// `fermata train` as the shell sees it, with its possible accidents.
const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
const started: StartedCommand[] = [];
afterAll(() => {
  for (const {
    isRunning,
    process: { pid },
  } of started)
    if (isRunning) process.kill(-pid!, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Starts the training of #1.2 in a folder of its own. */
function startTraining(name: string, options: Pick<StartOptions, 'fullDisk'> = {}): StartedCommand {
  const where = join(folder, name);
  mkdirSync(where, { recursive: true });
  writeFileSync(join(where, 'take.wav'), wavBytes({ channels: [tone(26)] }));
  const args = ['train', '1.2', '--scale', 'tiny', '--data', 'take.wav', '--threads', '1', '--json'];
  const command = startCommand(args, { folder: where, backend: testBackends.at(-1)!, ...options });
  started.push(command);
  return command;
}

/** Contents of the one run in a folder. */
function run(name: string) {
  const runs = join(folder, name, 'runs');
  const id = existsSync(runs) ? readdirSync(runs).at(0) : undefined;
  const at = (...path: string[]) => join(runs, id ?? 'none', ...path);
  const names = (...path: string[]) => (existsSync(at(...path)) ? readdirSync(at(...path)) : []);
  const checkpoints = names('checkpoints');
  const provenance = names().includes('provenance.json') ? readFileSync(at('provenance.json'), 'utf8') : '{}';
  const { sessions = [] } = JSON.parse(provenance) as { sessions?: { fromStep: number }[] };
  return {
    at,
    lines: names().includes('metrics.jsonl')
      ? readFileSync(at('metrics.jsonl'), 'utf8').split('\n').length - 1
      : 0,
    steps: checkpoints
      .flatMap((checkpoint) => /^step-(\d+)\.safetensors$/.exec(checkpoint)?.[1] ?? [])
      .map(Number),
    startedFrom: sessions.map(({ fromStep }) => fromStep),
    lock: names().find((file) => file.startsWith('lock.')),
    unfinished: [...names(), ...checkpoints].filter((file) => file.endsWith('.tmp')),
  };
}

// A minute of training on a tone leaves the codebook poor, which adds a warning.
const complaintsOf = (command: StartedCommand) =>
  command.complaints().filter((line) => !line.includes('the perplexity of the codes'));

const withoutTimes = (printed: string) => ({
  ...(JSON.parse(printed) as object),
  seconds: undefined,
  folder: undefined,
});

/** Flips a bit of the last checkpoint. @returns that checkpoint */
function damageLastCheckpoint(name: string): { file: string; step: number } {
  const { at, steps } = run(name);
  const step = steps.at(-1)!;
  const file = at('checkpoints', `step-${String(step).padStart(9, '0')}.safetensors`);
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(file, bytes);
  return { file, step };
}

it('Ctrl-C, a closed terminal, a full disk, a second process, SIGKILL and a damaged checkpoint do not change the result of a training', async () => {
  const undisturbed = startTraining('undisturbed');

  // Ctrl-C in a terminal goes to the whole process group.
  const stopped = startTraining('disturbed');
  await until(() => run('disturbed').lines >= 2, stopped);
  process.kill(-stopped.process.pid!, 'SIGINT');
  expect(await stopped.end()).toBe(130);
  expect([stopped.stdout, complaintsOf(stopped)]).toEqual([
    '',
    ['Stopping: the work so far is saved, and the same command continues from there.'],
  ]);
  const stoppedAt = run('disturbed').steps.at(-1)!;
  expect(stoppedAt).toBeGreaterThanOrEqual(24);
  expect(run('disturbed')).toMatchObject({ lock: undefined, unfinished: [] });

  // A closing terminal and its shell each send SIGHUP to the whole process group, and messages reach nobody.
  const closed = startTraining('disturbed');
  await until(() => run('disturbed').startedFrom.length === 2, closed);
  closed.process.stderr!.destroy();
  for (let i = 0; i < 2; i++) process.kill(-closed.process.pid!, 'SIGHUP');
  expect([await closed.end(), closed.stdout]).toEqual([129, '']);
  const closedAt = run('disturbed').steps.at(-1)!;
  expect(closedAt).toBeGreaterThanOrEqual(stoppedAt);
  expect(run('disturbed')).toMatchObject({ lock: undefined, unfinished: [], startedFrom: [0, stoppedAt] });

  const full = startTraining('disturbed', { fullDisk: 'step-.*safetensors' });
  expect(await full.end()).toBe(1);
  expect(full.stdout).toBe('');
  expect(complaintsOf(full)).toEqual([
    expect.stringMatching(
      /^fermata: train #1\.2: .*step-\d+\.safetensors: the disk is full\. Free some space and run the same command again: it goes on where it stopped\.$/,
    ),
  ]);
  expect(run('disturbed')).toMatchObject({
    lock: undefined,
    unfinished: [],
    startedFrom: [0, stoppedAt, closedAt],
  });
  expect(run('disturbed').steps.at(-1)).toBe(closedAt);

  const first = startTraining('disturbed');
  await until(() => run('disturbed').steps.at(-1)! > closedAt, first);
  const worker = Number(/(\d+)\.\w+$/.exec(run('disturbed').lock!)![1]);
  const second = startTraining('disturbed');
  expect(await second.end()).toBe(1);
  expect(complaintsOf(second)).toEqual([
    expect.stringMatching(
      new RegExp(
        `^fermata: train #1\\.2: .*: process ${worker} on ${hostname()} is writing in this folder\\. Wait until it`,
      ),
    ),
  ]);
  expect(first.isRunning).toBe(true);
  first.process.kill('SIGKILL');
  process.kill(worker, 'SIGKILL');
  expect(await first.end()).toBe('SIGKILL');

  const damaged = damageLastCheckpoint('disturbed');
  const last = startTraining('disturbed');
  expect(await last.end()).toBe(0);
  const goesOnFrom = run('disturbed').startedFrom.at(-1);
  expect(goesOnFrom).toBeLessThan(damaged.step);
  expect(complaintsOf(last)).toEqual([
    expect.stringMatching(new RegExp(`${damaged.file}: .* Going back to that of step ${goesOnFrom}\\.$`)),
  ]);
  expect(await undisturbed.end()).toBe(0);
  expect(withoutTimes(last.stdout)).toEqual(withoutTimes(undisturbed.stdout));
  expect(run('undisturbed').startedFrom).toEqual([0]);
  expect(run('disturbed').startedFrom).toHaveLength(5);
}, 180_000);
