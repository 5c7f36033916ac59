import { fromSources } from '@fermata/testing';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { runCaptured } from './testing/captured';

interface PlannedJson {
  readonly gflopsPerSecond: number;
  readonly rateOf: { readonly row: string } | null;
  readonly rows: readonly (Record<string, number> & {
    readonly measured?: Record<string, number>;
  })[];
}

describe('fermata plan', () => {
  it('predicts every row by a given rate', async () => {
    const { status, stdout } = await runCaptured('plan', '--scale', 'paper', '--rate', '3000');
    expect(status).toBe(0);
    expect(stdout).toContain('Scale paper: cost of training');
    expect(stdout).toContain('Time by 3000 GFLOP/s as given.');
    expect(stdout).toMatch(
      /1\.1 +WaveNet +4,030,080 +24\.18 +3798 +8 × 10240 +500,000 +40,960,000,000 +91 h/,
    );
    expect(stdout).toMatch(/2\.1 +WaveNet +6139 +3069\.5 +6144 +3072\.0 +N\/A/);
    expect(stdout).toMatch(/1\.2-restarts +VQ-VAE/);
    expect(stdout).not.toContain('measured');
  });

  it('prints JSON for programs', async () => {
    const { stdout } = await runCaptured(
      'plan',
      '--scale',
      'medium',
      '--rows',
      '1.2',
      '--rate',
      '1',
      '--json',
    );
    const { rows, ...plan } = JSON.parse(stdout) as PlannedJson;
    expect(plan).toEqual({ scale: 'medium', gflopsPerSecond: 1, rateOf: null });
    expect(rows).toHaveLength(1);
    const [{ id, seconds, secondsPerStep, steps, flopsPerTimestep, timesteps, memoryMiB, parameters }] = rows;
    expect({ id, parameters }).toEqual({ id: '1.2', parameters: 1_461_632 });
    expect(seconds).toBeCloseTo((flopsPerTimestep * timesteps) / 1e9, 3);
    expect(secondsPerStep).toBeCloseTo(seconds / steps, 6);
    expect(memoryMiB).toBeCloseTo(2096.6, 1);
    // The encoder's 2 · (1 + 2 + … + 128) and the hop.
    expect(rows[0].encoderReceptiveField).toBe(518);
  });

  it('measures the rate and steps of each row in processes of their own', () => {
    const args = ['plan', '--scale', 'tiny', '--rows', '1.2', '--measure', '--json', '--threads', '1'];
    const { stdout, status } = spawnSync(
      process.execPath,
      [...fromSources, join(__dirname, 'main.ts'), ...args],
      { encoding: 'utf8' },
    );
    expect(status).toBe(0);
    const { gflopsPerSecond, rateOf, rows } = JSON.parse(stdout) as PlannedJson;
    // Range of any machine with 32-bit numbers, from a slow emulation to a large server.
    expect(gflopsPerSecond).toBeGreaterThan(0.01);
    expect(gflopsPerSecond).toBeLessThan(1e5);
    expect(rateOf).toMatchObject({ row: '1.2' });
    const [{ secondsPerStep, memoryMiB, measured, steps }] = rows;
    expect(measured!.timeRatio).toBeCloseTo(secondsPerStep / measured!.secondsPerStep, 9);
    expect(measured!.seconds).toBeCloseTo(measured!.secondsPerStep * steps, 9);
    if (process.platform !== 'linux') return;
    expect(measured!.memoryRatio).toBeCloseTo(memoryMiB / measured!.memoryMiB, 9);
    expect(measured!.peakMiB).toBeGreaterThan(measured!.memoryMiB);
  });

  it.each([
    [['--rows', '1.8'], 'Row 1.8 is unknown. Choose one of 1.1, 1.2, '],
    [['--rate', '0'], `option '--rate <GFLOP/s>' argument '0' is invalid. Give a number above 0.`],
    [['--scale', 'huge'], `Allowed choices are tiny, smoke, small, medium, paper.`],
  ])('%j: names the mistake', async (args, message) => {
    const { status, stderr } = await runCaptured('plan', ...args);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
