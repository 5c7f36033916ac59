import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runChild } from '../testing/child';
import type { ExcerptsChildOptions, ExcerptsDoings } from '../testing/excerptsChild';
import { minimal } from '../testing/minimal';
import { writeRecording } from '../testing/recording';

const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
const at = (name: string) => join(folder, name);
beforeAll(() => {
  writeRecording(at('take.wav'), { seconds: 20, seed: 1 });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function reconstructed(...rows: string[]): ExcerptsDoings {
  const options: ExcerptsChildOptions = { scale: minimal, seed: 2, data: [at('take.wav')], rows };
  const environment = { FERMATA_RUNS: at('runs'), FERMATA_CACHE: at('cache'), FERMATA_BACKEND: 'wasm' };
  return JSON.parse(runChild('excerptsChild.ts', options, environment).stdout) as ExcerptsDoings;
}

describe('reconstructRows', () => {
  it('trains untrained rows, and puts the reconstructions of an excerpt beside it', () => {
    const { stages, excerpts } = reconstructed('1.1', '1.2', '1.7');
    expect(stages.slice(1).sort()).toEqual([
      'reconstruct #1.2, seed 2',
      'reconstruct #1.7, seed 2',
      'train #1.2, seed 2',
      'train #1.7, seed 2',
    ]);
    // The one recording has one held-out part, and 0.1 s are 1,600 timesteps: 25 codes of #1.7.
    expect(excerpts).toHaveLength(1);
    const [{ title, samples, reconstructions }] = excerpts;
    expect(title).toMatch(/^take\.wav.*, from \d/);
    expect([samples, ...reconstructions.map((one) => one.samples)]).toEqual([1600, 1600, 1600]);
    expect(reconstructions.map(({ row }) => row)).toEqual(['1.2', '1.7']);
    for (const { distance } of reconstructions) expect(distance).toBeGreaterThan(0);
  });

  it('does not repeat finished jobs', () => {
    const { stages, excerpts } = reconstructed('1.7', '1.2');
    expect(stages).toEqual([]);
    expect(excerpts[0].reconstructions.map(({ row }) => row)).toEqual(['1.7', '1.2']);
  });
});
