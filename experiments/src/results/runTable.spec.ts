import { testBackends } from '@fermata/testing';
import { RunStore } from '@fermata/training';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { runChildGroup } from '../testing/child';
import { minimal } from '../testing/minimal';
import { writeRecording } from '../testing/recording';
import type { TableChildOptions, TableEvent } from '../testing/tableChild';
import { loadRecordedExcerpts } from './recordedAudio';
import type { RecordedRow } from './recordedRow';
import { readRecordedRows } from './recordedRows';

const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
const at = (...names: string[]) => join(folder, ...names);
beforeAll(() => {
  writeRecording(at('take.wav'), { seconds: 26, seed: 1 });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

// Long enough to kill midway.
const scale = { ...minimal, audioBudget: { ...minimal.audioBudget, timesteps: 16384 } };
const rows = ['1.2-continuous', '1.2-10-bit', '1.2-fsq', '1.2-restarts'];
const seeds = [1, 2];
const nameOf = (row: string, seed: number) => `${row}.seed-${seed}.json`;
const files = seeds.flatMap((seed) => rows.map((row) => nameOf(row, seed))).sort();
const jobs = seeds
  .flatMap((seed) => rows.map((row) => `#${row}, seed ${seed}`))
  .flatMap((name) => [`train ${name}`, `reconstruct ${name}`])
  .sort();

/** Outcome of one call of `runTable`. */
interface Doings {
  readonly planned: string;
  readonly finished: string[];
  /** Names of files. */
  readonly recorded: string[];
  readonly failed: string[];
  readonly signal: NodeJS.Signals | null;
}

/** Trains the rows in its own process, with runs and results in a folder of that name. */
async function runTable(name: string, kill?: string, audio?: number): Promise<Doings> {
  const options: TableChildOptions = {
    scale,
    rows,
    seeds,
    data: [at('take.wav')],
    results: at(name, 'results'),
    ...(kill !== undefined && { kill }),
    ...(audio !== undefined && { audio }),
  };
  const { stdout, signal } = await runChildGroup('tableChild.ts', options, {
    FERMATA_RUNS: at(name, 'runs'),
    FERMATA_CACHE: at('cache'),
    FERMATA_BACKEND: testBackends.at(-1),
  });
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as TableEvent);
  return {
    planned: events.flatMap((e) => (e.kind === 'planned' ? `${e.wereDone} of ${e.jobs}` : [])).join(),
    finished: events.flatMap((e) => (e.kind === 'finished' && e.job !== 'data' ? e.job : [])),
    recorded: events.flatMap((e) => (e.kind === 'recorded' ? basename(e.file) : [])),
    failed: events.flatMap((e) => (e.kind === 'failed' ? e.message : [])),
    signal,
  };
}

/** Results files, by name. */
function texts(name: string): Map<string, string> {
  const place = at(name, 'results', 'minimal', 'take.wav');
  const results = readdirSync(place).filter((file) => file.endsWith('.json'));
  return new Map(results.map((file) => [file, readFileSync(join(place, file), 'utf8')]));
}

function recorded(name: string): Map<string, RecordedRow> {
  return new Map([...texts(name)].map(([file, text]) => [file, JSON.parse(text) as RecordedRow]));
}

/** The numbers of a result that do not depend on when and how often it is trained. */
function numbers({ provenance, measured, ...row }: RecordedRow) {
  const { run, schemaVersion, seed, data } = provenance;
  return { ...row, measured: { ...measured, seconds: 0 }, provenance: { run, schemaVersion, seed, data } };
}

/** Expects the results of a stopped call to be right, and those that it reported to exist. */
function expectRight(name: string, told: readonly string[]): void {
  const [found, expected] = [recorded(name), recorded('undisturbed')];
  expect([...found.keys()].sort()).toEqual([...told].sort());
  for (const [file, row] of found) expect(numbers(row)).toEqual(numbers(expected.get(file)!));
}

describe('runTable', () => {
  it('trains, measures and records every row with every seed', async () => {
    const { planned, finished, recorded: told, failed } = await runTable('undisturbed');
    expect([planned, failed]).toEqual(['0 of 16', []]);
    expect([...finished].sort()).toEqual(jobs);
    expect([...told].sort()).toEqual(files);

    const results = recorded('undisturbed');
    expect([...results.keys()].sort()).toEqual(files);
    for (const seed of seeds) {
      const [continuous, tenBit, fsq, restarts] = rows.map((row) => results.get(nameOf(row, seed))!);
      for (const row of [continuous, tenBit, fsq, restarts]) {
        expect(row).toMatchObject({ scale: 'minimal', seed, data: { name: 'take.wav' } });
        expect(row.measured).toMatchObject({ timesteps: 16384, positions: continuous.measured.positions });
        expect(row.curve).toHaveLength(32);
        expect(row.curve.at(-1)!.timesteps).toBe(16384);
        // A uniform guess costs log 256 nats for 256 symbols, and log 1024 for the 1,024 of the 10-bit row.
        const guess = Math.log(row === tenBit ? 1024 : 256);
        expect(Math.abs(row.curve[0].nll - guess)).toBeLessThan(0.1);
        expect(row.measured.evalNll).toBeLessThan(guess);
        expect(row.measured.shuffledPastNll).toBeGreaterThan(0);
      }
      expect(new Set([continuous, fsq, restarts].map(({ data }) => data.fingerprint)).size).toBe(1);
      expect(tenBit.data.fingerprint).not.toBe(continuous.data.fingerprint);
      expect(continuous.measured).not.toHaveProperty('codes');
      for (const { measured } of [tenBit, fsq, restarts]) expect(measured.codes!.histogram).toHaveLength(256);
      for (const { reconstructions } of [continuous, tenBit, fsq, restarts]) {
        expect(reconstructions).toHaveLength(1);
      }
    }
    const nlls = [...results.values()].map(({ measured }) => measured.evalNll);
    expect(new Set(nlls).size).toBe(8);
  }, 180_000);

  it('keeps recorded results when a row fails or all processes are killed, and continues to the same numbers', async () => {
    // Another process is training #1.2-restarts.
    const blocked = recorded('undisturbed').get(nameOf('1.2-restarts', 1))!.measured.run;
    const { identity } = new RunStore(at('undisturbed', 'runs')).list().find(({ id }) => id === blocked)!;
    const release = new RunStore(at('disturbed', 'runs')).run(identity).open();
    const first = await runTable('disturbed');
    release();
    expect(first.failed).toEqual([
      expect.stringMatching(/^train #1\.2-restarts, seed 1: .* is writing in this folder\. Wait until it/),
    ]);
    // Jobs run in order, two at a time: of the three rows before, one may not be done.
    expect(first.recorded.length).toBeGreaterThanOrEqual(2);
    expect(first.recorded).not.toContain(nameOf('1.2-restarts', 1));
    expectRight('disturbed', first.recorded);

    const second = await runTable('disturbed', 'train #1.2-fsq, seed 2');
    expect(second).toMatchObject({ signal: 'SIGKILL', planned: `${first.finished.length} of 16` });
    expect(second.recorded.length).toBeGreaterThanOrEqual(4);
    expect(second.recorded).not.toContain(nameOf('1.2-fsq', 2));
    expectRight('disturbed', second.recorded);
    const before = texts('disturbed');

    const third = await runTable('disturbed');
    const finished = [...first.finished, ...second.finished, ...third.finished];
    expect(finished.filter((job, index) => finished.indexOf(job) < index)).toEqual([]);
    // One may have ended just before the kill, without a report.
    const wereDone = parseInt(third.planned);
    expect(wereDone).toBeGreaterThanOrEqual(first.finished.length + second.finished.length);
    expect(wereDone + third.finished.length).toBe(16);
    expectRight('disturbed', files);
    const after = recorded('disturbed');
    expect(after.get(nameOf('1.2-fsq', 2))!.provenance.sessions.length).toBe(2);
    for (const [file, text] of before) expect(JSON.parse(text)).toEqual(after.get(file));
  }, 180_000);

  it('trains no finished row, and records a missing file again', async () => {
    const before = texts('disturbed');
    rmSync(at('disturbed', 'results', 'minimal', 'take.wav', nameOf('1.2-fsq', 1)));
    const { planned, finished, recorded: told } = await runTable('disturbed');
    expect([planned, finished]).toEqual(['16 of 16', []]);
    expect([...told].sort()).toEqual(files);
    expect(texts('disturbed')).toEqual(before);
  }, 180_000);

  it('keeps the audio of reconstructions on request', async () => {
    const place = { folder: at('disturbed', 'results'), scale: 'minimal', data: 'take.wav' };
    const listen = () => loadRecordedExcerpts(place, readRecordedRows(place));
    expect(await listen()).toEqual([]);
    await runTable('disturbed', undefined, 1);
    const heard = await listen();
    const reconstructions = heard.flatMap((excerpt) => excerpt.reconstructions);
    expect(reconstructions.map(({ row }) => row.id)).toEqual(
      ['1.2-10-bit', '1.2-continuous', '1.2-fsq', '1.2-restarts'].flatMap((row) => [row, row]),
    );
    for (const { samples } of reconstructions) expect(samples.length).toBe(heard[0].original.length);
  }, 180_000);
});
