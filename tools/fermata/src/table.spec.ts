import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCaptured } from './testing/captured';
import { writeResults } from './testing/results';

const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
const results = join(folder, 'results');
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

beforeAll(() => {
  const common = { trainNll: 1.9, parameters: 5, receptiveField: 7, timesteps: 100, seconds: 3 };
  const codes = { perplexity: 120, oneSecondPerplexity: 90, codesInUse: 200, shuffledNll: 4 };
  writeResults(join(results, 'smoke', 'piano'), [
    { row: '1.1', seed: 1, measured: { ...common, evalNll: 2.5 } },
    { row: '1.2', seed: 1, measured: { ...common, evalNll: 2, codes } },
    { row: '1.2', seed: 2, measured: { ...common, evalNll: 2.2, codes } },
    { row: '1.2-restarts', seed: 1, measured: { ...common, evalNll: 1.8, codes } },
  ]);
});

const table = (...args: string[]) => runCaptured('table', '1', '--results', results, ...args);

describe('fermata table', () => {
  it('prints what was recorded beside the paper', async () => {
    const { status, stdout } = await table('--scale', 'smoke');
    expect(status).toBe(0);
    expect(stdout).toContain('Table 1 at scale smoke, on piano: autoencoders on audio');
    expect(stdout).toMatch(/1\.1 +WaveNet +1\.900 +2\.500 +N\/A .*1\.192 +1\.151 +N\/A/);
    expect(stdout).toMatch(/1\.2 +VQ-VAE +1\.900 ± 0\.000 +2\.100 ± 1\.271 +120\.0 ± 0\.0 .*227\.3/);
    expect(stdout).toMatch(/beyond the paper\n[^#]*#[^]*1\.2-restarts/);
    expect(stdout).not.toContain('ablations');
  });

  it('prints JSON for programs', async () => {
    const { stdout } = await table('--scale', 'smoke', '--json');
    const { rows, data } = JSON.parse(stdout) as { data: string; rows: Record<string, unknown>[] };
    expect(data).toBe('piano');
    expect(rows.map(({ id }) => id)).toEqual(['1.1', '1.2', '1.2-restarts']);
    expect(rows[0]).toMatchObject({ perplexity: null, shuffledPastNll: null, logSpectralDistance: null });
    expect(rows[1]).toMatchObject({
      trainNll: 1.9,
      evalNll: 2.1,
      evalNllError: expect.closeTo(1.2706, 3) as number,
      perplexity: 120,
      seeds: [1, 2],
      paper: { evalNll: 0.734 },
    });
    expect(rows[2]).toMatchObject({ heading: 'beyond the paper' });
  });

  it.each([
    [['--scale', 'small'], `${results}: no results at scale small. Choose among --scale smoke --name piano.`],
    [
      ['--scale', 'smoke', '--name', 'organ'],
      `${results}: no results at scale smoke on organ. Choose among --scale smoke --name piano.`,
    ],
    [
      ['--scale', 'smoke', '--rows', '1.6', '1.7'],
      `${results}: no results of #1.6, #1.7 at scale smoke on piano. Record some with --run, or choose other --rows.`,
    ],
    [
      ['--seeds', '1,2'],
      '--seeds has no effect without --run: the command then trains nothing. Add --run, or leave out --seeds.',
    ],
    [['--data', 'nowhere'], '--data has no effect without --run'],
    [['--jobs', '1'], '--jobs has no effect without --run'],
    [['--rows', '1.8'], '--rows: the table has no row 1.8. Choose among 1.1, 1.2, 1.3, '],
    [
      ['--seeds', '1,x'],
      `option '--seeds <numbers>' argument '1,x' is invalid. Give an integer of at least 0.`,
    ],
  ])('%j: names the mistake', async (args, message) => {
    const { status, stderr } = await table(...args);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
