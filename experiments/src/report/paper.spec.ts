import { decodeAudioFile } from '@fermata/audio';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runChild } from '../testing/child';
import { minimal } from '../testing/minimal';
import type { ChildOptions, Doings } from '../testing/paperChild';
import { writeRecording } from '../testing/recording';

const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
const at = (name: string) => join(folder, name);

beforeAll(() => {
  writeRecording(at('take.wav'), { seconds: 26, seed: 1 });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Makes reports, and returns the jobs done for each. */
function makeReports(...variants: Partial<ChildOptions>[]): Doings[] {
  const usual = { scale: minimal, data: [at('take.wav')], out: at('report'), seed: 1, planOnly: false };
  const { stdout } = runChild(
    'paperChild.ts',
    variants.map((variant) => ({ ...usual, ...variant })),
    { FERMATA_RUNS: at('runs'), FERMATA_CACHE: at('cache'), FERMATA_BACKEND: 'wasm' },
  );
  return JSON.parse(stdout) as Doings[];
}

/** Modification times of the files below a folder. */
function filesBelow(path: string): Map<string, number> {
  const files = readdirSync(path, { recursive: true })
    .map((name) => join(path, String(name)))
    .filter((file) => statSync(file).isFile());
  return new Map(files.map((file) => [file, statSync(file).mtimeMs]));
}

const jobs = [
  'encode #1.2',
  'generate #3.4',
  'profile of codes of #1.2, r = 0',
  'profile of codes of #1.2, r = 2',
  'profile of waveform, r = 0',
  'profile of waveform, r = 2',
  'reconstruct #1.2',
  'reconstruct #1.4',
  'train #1.1',
  'train #1.2',
  'train #1.4',
  'train #2.1',
];

describe('runPaper', () => {
  it('does every job and writes the report', async () => {
    const [{ written, planned, finished, warnings }] = makeReports({});
    expect(planned).toBe('0 of 12');
    expect(finished[0]).toBe('data');
    expect(finished.slice(1).sort()).toEqual(jobs);
    // In a few steps no model gets half a nat better than the shares of the symbols.
    const learnt = written?.warnings.find((warning) => warning.startsWith('Some models have hardly learnt'));
    for (const id of ['1.1', '1.2', '1.4']) expect(learnt).toContain(`#${id} has hardly learnt`);
    const ofResults = written?.warnings.map((warning) => `results: ${warning}`);
    expect(warnings.filter((warning) => !warning.startsWith('data: '))).toEqual(ofResults);
    // Notes on the data are told before the training begins, and are in the report too.
    const note = 'as the only piece long enough, its last 10% is held out';
    expect(warnings.find((warning) => warning.startsWith('data: take.wav'))).toContain(note);
    expect(warnings.join()).toContain('data: These splits have little music');
    expect(readFileSync(at('report/index.html'), 'utf8')).toContain(note);

    expect(written?.index).toBe(at('report/index.html'));
    expect(readFileSync(at('report/index.html'), 'utf8')).toContain('Music as raw audio, at scale minimal');
    const rows = ['table-1', 'table-2'].flatMap(
      (name) =>
        (
          JSON.parse(readFileSync(at(`report/tables/${name}.json`), 'utf8')) as {
            rows: { id: string; eval_nll: number }[];
          }
        ).rows,
    );
    expect(rows.map(({ id }) => id)).toEqual(['1.1', '1.2', '1.4', '2.1']);
    // A uniform guess is worth log 256 = 5.55 nats, and a few steps teach a little.
    for (const { eval_nll: nll } of rows) expect(nll).toBeLessThan(5.6);
    for (const { eval_nll: nll } of rows) expect(nll).toBeGreaterThan(0);
    const { channels } = await decodeAudioFile(at('report/audio/generated.wav'));
    expect(channels[0]).toHaveLength(1600);
  }, 120_000);

  it('tells the profiles of waveform and codes apart', () => {
    interface Point {
      receptiveField: number;
      nll: number;
      positions: number;
    }
    const unigrams = [...filesBelow(at('runs')).keys()]
      .filter((path) => path.endsWith('profile-point.json'))
      .map((path) => JSON.parse(readFileSync(path, 'utf8')) as Point)
      .filter(({ receptiveField }) => receptiveField === 0)
      .sort((a, b) => b.positions - a.positions); // the waveform has more timesteps than codes
    const { rows } = JSON.parse(readFileSync(at('report/tables/figure-2.json'), 'utf8')) as {
      rows: unknown[];
    };
    expect(rows[0]).toEqual({ r: 0, waveform: unigrams[0].nll, 'codes of #1.2': unigrams[1].nll });
  });

  it('repeats no finished job', () => {
    const before = filesBelow(at('runs'));
    const [{ planned, finished, progressed }] = makeReports({});
    expect([planned, finished, progressed]).toEqual(['12 of 12', [], []]);
    expect(filesBelow(at('runs'))).toEqual(before);
  });

  it('repeats only what is missing, with the same result', () => {
    const outcome = [...filesBelow(at('runs')).keys()].find((path) => path.endsWith('generation.json'))!;
    const audio = join(outcome, '../generated.wav');
    const before = readFileSync(audio);
    rmSync(outcome);
    rmSync(audio);
    const [{ planned, finished }] = makeReports({});
    expect([planned, finished]).toEqual(['11 of 12', ['generate #3.4']]);
    expect(readFileSync(audio)).toEqual(before);
  });

  it('notices changes, and repeats only jobs that depend on them', () => {
    const plans = (...variants: Partial<ChildOptions>[]) =>
      makeReports(...variants.map((variant) => ({ ...variant, planOnly: true }))).map(
        ({ planned }) => planned,
      );
    expect(
      plans(
        { seed: 2 },
        { scale: { ...minimal, name: 'other', purpose: 'Another test.' } },
        { scale: { ...minimal, generationSeconds: 0.2 } },
        // The WaveNet, the AMAE with its reconstruction, and the profile of the waveform contain no VQ-VAE.
        { scale: { ...minimal, queryDepth: 8 } },
      ),
    ).toEqual(['0 of 12', '12 of 12', '11 of 12', '5 of 12']);
    writeRecording(at('take.wav'), { seconds: 26, seed: 2 });
    expect(plans({})).toEqual(['0 of 12']);
  });
});
