import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
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
  mkdirSync(join(results, 'tiny', 'organ'), { recursive: true });
  const trained = (row: string, seed: number, evalNll: number, perplexity: number) => ({
    row,
    seed,
    measured: { trainNll: 1.9, evalNll, positions: 100, codes: { perplexity } },
  });
  // #1.3 is 0.4, 0.5 and 0.6 below #1.2 in NLL, and 1, 10 and 20 below it in perplexity.
  writeResults(join(results, 'smoke', 'piano'), [
    trained('1.2', 1, 2, 120),
    trained('1.2', 2, 2.2, 110),
    trained('1.2', 3, 2.1, 130),
    trained('1.3', 1, 1.6, 119),
    trained('1.3', 2, 1.7, 100),
    trained('1.3', 3, 1.5, 110),
  ]);
});

const claims = (...args: string[]) => runCaptured('claims', '--results', results, ...args);

interface ClaimJson {
  readonly id: number;
  readonly verdict: string;
  readonly reason: string;
  readonly values: readonly Record<string, unknown>[];
}

describe('fermata claims', () => {
  it('prints verdicts, differences beside the paper, and reasons', async () => {
    const { status, stdout, stderr } = await claims('--scale', 'smoke');
    expect([status, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    expect(lines[0]).toBe(
      "The paper's claims at scale smoke, on piano: 0 reproduced, 0 contradicted, 14 undecided",
    );
    expect(stdout).toMatch(
      /^ *2 +#1\.3 < #1\.2 +eval NLL \(nats\) +−0\.5 +0\.2484 +−0\.052 +3 +reproduced +undecided$/m,
    );
    expect(stdout).toMatch(
      /^ *3 +#1\.3 < #1\.2 +perplexity +−10\.33 +23\.61 +−27\.7 +3 +undecided +undecided$/m,
    );
    expect(stdout).toMatch(
      /^ *8 +#1\.2 eval NLL ≈ #1\.2 train NLL \(±0\.1\) +NLL \(nats\) +0\.2 +0\.2484 +−0\.032 /m,
    );
    expect(stdout).toMatch(/^ *9 +given #1\.3 < #1\.2 +eval NLL \(nats\) +−0\.5 .* reproduced +undecided$/m);
    const third = lines.findIndex((line) => line.startsWith('(3) '));
    expect(lines[third]).toContain('uses its codebook less');
    expect(lines[third + 1]).toBe('    undecided: #1.3 < #1.2: 0 is within the interval.');
    expect(stdout).toContain('#1.2 < #1.1, #1.3 < #1.1: not measured: #1.1;');
  });

  it('prints JSON for programs', async () => {
    const { status, stdout } = await claims('--scale', 'smoke', '--name', 'piano', '--json');
    expect(status).toBe(0);
    const all = JSON.parse(stdout) as ClaimJson[];
    expect(all.map(({ id }) => id)).toEqual(Array.from({ length: 14 }, (_, i) => i + 1));
    expect(all[1]).toMatchObject({ id: 2, verdict: 'undecided', scale: 'smoke', data: 'piano' });
    const [measured, missing] = all[1].values;
    const close = (value: number): unknown => expect.closeTo(value, 3);
    expect(measured).toEqual({
      comparison: '#1.3 < #1.2',
      verdict: 'reproduced',
      reason: 'the whole interval is below 0',
      unit: 'nats',
      first: { row: '1.3', measure: 'evalNll', mean: close(1.6), paper: 0.682 },
      second: { row: '1.2', measure: 'evalNll', mean: close(2.1), paper: 0.734 },
      expected: 'below',
      seeds: [1, 2, 3],
      difference: close(-0.5),
      interval: [close(-0.748), close(-0.252)],
      smallestDecidable: close(0.248),
      paperDifference: -0.052,
    });
    expect(missing).toMatchObject({
      verdict: 'undecided',
      first: { row: '1.5', mean: null },
      difference: null,
      interval: null,
      smallestDecidable: null,
      seeds: [],
    });
    expect(all[8]).toMatchObject({ premises: [{ comparison: '#1.3 < #1.2', verdict: 'reproduced' }] });
    expect(all[1]).not.toHaveProperty('premises');
    expect(all[6].values[0]).toMatchObject({ expected: 'equal', margin: 0.05 });
    // #1.3 has an interval, but no smallest difference: that depends on the margin.
    expect(all[7].values[2]).toMatchObject({
      seeds: [1, 2, 3],
      margin: 0.1,
      interval: [expect.any(Number), expect.any(Number)],
      smallestDecidable: null,
    });
  });

  it.each([
    [
      ['--scale', 'small'],
      `${results}: no results at scale small. Choose among --scale tiny --name organ; --scale smoke --name piano.`,
    ],
    [
      ['--scale', 'smoke', '--name', 'organ'],
      `${results}: no results at scale smoke on organ. Choose among --scale smoke --name piano; --scale tiny --name organ.`,
    ],
    [
      ['--results', join(folder, 'none')],
      `${join(folder, 'none')}: no results at scale small. Record some with \`fermata table 1 --run --scale small\`, or name another folder with --results.`,
    ],
    [
      ['--scale', 'large'],
      `option '--scale <name>' argument 'large' is invalid. Allowed choices are tiny, smoke`,
    ],
  ])('%j: names the mistake', async (args, message) => {
    const { status, stdout, stderr } = await claims(...args);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('explains itself', async () => {
    const { status, stdout } = await runCaptured('claims', '--help');
    expect(status).toBe(0);
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
  });
});
