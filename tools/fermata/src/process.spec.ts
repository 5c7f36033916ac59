import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { tone, wavBytes } from './testing/files';
import { startCommand, until, type StartOptions } from './testing/startCommand';

// The command as the shell sees it: processes, signals, exit statuses. It runs from its source.
let folder: string;
const at = (name: string) => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fermata-'));
  writeFileSync(at('take.wav'), wavBytes({ channels: [tone(26)] }));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const start = (args: readonly string[], options: Pick<StartOptions, 'fullDisk'> = {}) =>
  startCommand(args, { folder, backend: 'wasm', ...options });
const startPaper = (...options: string[]) =>
  start(['paper', '--data', 'take.wav', '--out', 'report', '--jobs', '2', ...options]);

/** Runs that have begun, with the processes of their provenance. */
function runs(): { folder: string; startedFrom: number[]; workers: number[] }[] {
  if (!existsSync(at('runs'))) return [];
  return readdirSync(at('runs')).map((id) => {
    const names = readdirSync(at(`runs/${id}`));
    const provenance = names.includes('provenance.json')
      ? (JSON.parse(readFileSync(at(`runs/${id}/provenance.json`), 'utf8')) as {
          sessions: { fromStep: number }[];
        })
      : { sessions: [] };
    return {
      folder: at(`runs/${id}`),
      startedFrom: provenance.sessions.map(({ fromStep }) => fromStep),
      workers: names.flatMap((name) => /^lock\..+\.(\d+)\.\w+$/.exec(name)?.[1] ?? []).map(Number),
    };
  });
}

const hasMetrics = ({ folder: run }: { folder: string }) => existsSync(join(run, 'metrics.jsonl'));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it('a mistake is one line on standard error, and exit status 1', async () => {
  const missing = start(['ingest', 'none.wav']);
  expect(await missing.end()).toBe(1);
  expect(missing.stdout).toBe('');
  expect(missing.stderr).toBe(
    `fermata: ${at('none.wav')}: there is no such file or folder. Check the spelling of the path.\n`,
  );
});

it('standard output is only the answer, and may lose its reader', async () => {
  const whole = start(['ingest', '--json', 'take.wav']);
  expect(await whole.end()).toBe(0);
  expect(JSON.parse(whole.stdout)).toMatchObject({ symbols: 256, rate: 16000, skipped: [] });
  const unread = start(['ingest', '--json', 'take.wav']);
  unread.process.stdout!.destroy();
  expect(await unread.end()).toBe(0);
  expect(unread.stderr).toBe('');
});

it('a disk that fills up in a job is one line', async () => {
  const paper = start(['paper', '--data', 'take.wav', '--out', 'report'], { fullDisk: 'provenance.json' });
  expect(await paper.end()).toBe(1);
  expect(paper.complaints()).toEqual([
    expect.stringMatching(
      /^fermata: train #1\.[12]: .*provenance\.json: the disk is full\. Free some space and run the same command again: it goes on where it stopped\.$/,
    ),
  ]);
});

it('stops at Ctrl-C, continues where it stopped, and leaves no process behind after a kill', async () => {
  const stopping = 'Stopping: the work so far is saved, and the same command continues from there.';

  // Ctrl-C in a terminal goes to the whole process group.
  const first = startPaper();
  await until(() => runs().some(hasMetrics), first);
  process.kill(-first.process.pid!, 'SIGINT');
  expect(await first.end()).toBe(130);
  expect([first.stdout, first.complaints()]).toEqual(['', [stopping]]);
  expect(runs().flatMap(({ workers }) => workers)).toEqual([]);

  // `kill -INT` goes to the one process.
  const second = startPaper();
  await until(() => runs().some(({ startedFrom }) => startedFrom.length === 2), second);
  expect(Math.max(...runs().map(({ startedFrom }) => startedFrom[1] ?? 0))).toBeGreaterThan(0);
  second.process.kill('SIGINT');
  expect(await second.end()).toBe(130);
  expect([second.stdout, second.complaints()]).toEqual(['', [stopping]]);
  expect(runs().flatMap(({ workers }) => workers)).toEqual([]);

  const third = startPaper();
  await until(() => runs().some(({ startedFrom }) => startedFrom.length === 3), third);
  const workers = runs().flatMap((run) => run.workers);
  expect(workers.length).toBeGreaterThan(0);
  third.process.kill('SIGKILL');
  expect(await third.end()).toBe('SIGKILL');
  while (workers.some(isAlive)) await setTimeout(20);
}, 180_000);
