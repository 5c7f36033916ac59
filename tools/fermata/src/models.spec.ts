import { randomKey } from '@fermata/core';
import { createModel, rowConfig, rowNamed, scaleNamed, trainingConfig } from '@fermata/experiments';
import { selectBackend } from '@fermata/tensor';
import { train, RunStore, type Run } from '@fermata/training';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCaptured } from './testing/captured';

const environment = { ...process.env };
const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
beforeAll(async () => {
  process.env.FERMATA_RUNS = join(folder, 'runs');
  await selectBackend('cpu');
});
afterAll(() => {
  process.env = { ...environment };
  rmSync(folder, { recursive: true, force: true });
});

const printed = async (...args: string[]) => {
  const { status, stdout, stderr } = await runCaptured(...args);
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
};

describe('fermata config', () => {
  it('prints every setting with value, default, rule and meaning', async () => {
    const text = await printed('config', '1.2', '--scale', 'small');
    expect(text).toContain('#1.2 VQ-VAE, scale small');
    expect(text).toContain(
      'model.quantiser.alpha = 0.95\n    α, share of the past in the moving averages: average ← α · average + (1 − α) · batch: a number at least 0 and below 1',
    );
    expect(text).toContain('budget.learningRate = 0.006');
    expect(text).toContain('one of "cosine", "constant", "halving", "exponential"');
    expect(text).toMatch(/adam\.beta2 = 0\.999\n.*default 0\.999/);
    expect(text).toMatch(/model\.quantiser\.restartBelow = \(absent\)\n.*optional/);
  });

  it('prints JSON, and JSON Schema for editors', async () => {
    const described = JSON.parse(
      await printed('config', '1.4', '--json', '--set', 'quantiser.diversity.nu=0.5'),
    ) as { path: string; value: unknown; meaning: string }[];
    expect(described.find(({ path }) => path === 'model.quantiser.diversity.nu')!.value).toBe(0.5);
    for (const { path, meaning } of described) expect([path, meaning]).not.toEqual([path, '']);
    const schema = JSON.parse(await printed('config', '1.4', '--schema')) as {
      properties: Record<string, unknown>;
    };
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['model', 'budget', 'schedule']));
  });

  it('accepts by --set what it prints', async () => {
    const described = JSON.parse(await printed('config', '1.2', '--json')) as {
      path: string;
      value?: unknown;
    }[];
    const fixed = ['model.symbols', 'model.hop', 'model.quantiser.kind'];
    for (const { path, value } of described) {
      if (value === undefined || fixed.includes(path)) continue;
      await printed('config', '1.2', '--set', `${path}=${JSON.stringify(value)}`);
    }
    expect(described.length).toBeGreaterThan(35);
  });
});

describe('fermata runs', () => {
  /** Trains #1.1 for a step, or only begins. */
  async function trained(name: string, seed: number, complete: boolean): Promise<Run> {
    const scale = scaleNamed('tiny');
    const { model } = rowConfig(rowNamed('1.1'), scale);
    const budget = { timesteps: 2 * 16, batchSize: 1, cropLength: 16, learningRate: 0.01, warmUpSteps: 0 };
    const training = trainingConfig(budget, seed);
    const run = new RunStore().run({ config: { model, training }, seed, data: name });
    const controller = new AbortController();
    const made = createModel(model, randomKey('model'));
    await train({
      model: made,
      config: training,
      run,
      batch: () => new Int32Array(16),
      onStep: () => {
        if (!complete) controller.abort();
      },
      signal: controller.signal,
    }).catch((error: unknown) => {
      if (complete) throw error;
    });
    made.dispose();
    run.writeJson('label.json', {
      row: '1.1',
      scale: 'tiny',
      seed,
      data: name,
      bits: 8,
      rate: 16000,
      below: [],
    });
    return run;
  }

  it('says how to train if there are no trained models', async () => {
    expect(await printed('runs')).toContain('no trained models. Train one with `npm start`');
  });

  it('lists models with steps, NLL and size', async () => {
    const run = await trained('piano', 1, true);
    run.writeJson('measured-abc.json', {
      row: '1.1',
      run: run.id,
      trainNll: 1,
      evalNll: 2.345,
      positions: 1,
      parameters: 1,
      receptiveField: 1,
      timesteps: 1,
      seconds: 1,
    });
    await trained('guitar', 2, false);
    const lines = (await printed('runs')).split('\n');
    expect(lines.find((line) => line.startsWith(run.id))).toMatch(/1\.1 +tiny +piano +1 +2 +2\.345 +\d\.\d/);
    expect(lines.find((line) => line.includes('guitar'))).toMatch(/1 of 2 +N\/A/);
    const json = JSON.parse(await printed('runs', '--json')) as { run: string; bytes: number }[];
    expect(json.find((one) => one.run === run.id)!.bytes).toBeGreaterThan(10_000);
  });

  it('removes runs only with --yes', async () => {
    const [run] = new RunStore().list().filter(({ identity }) => identity.data === 'guitar');
    expect(await printed('runs', '--unfinished')).toContain(`To remove: ${run.id}, #1.1, scale tiny`);
    expect(existsSync(run.folder)).toBe(true);
    expect(await printed('runs', '--prune', run.id.slice(0, 6), '--yes')).toContain(`Removed ${run.id}`);
    expect(existsSync(run.folder)).toBe(false);
    expect(await printed('runs', '--unfinished')).toBe('Nothing to remove.\n');
    expect((await runCaptured('runs', '--prune', 'zzz')).stderr).toContain('No run begins with zzz.');
  });

  it('keeps the levels below a model', async () => {
    const [below] = new RunStore().list();
    const above = await trained('codes', 3, true);
    above.writeJson('label.json', {
      ...(JSON.parse(readFileSync(above.file('label.json'), 'utf8')) as object),
      below: [below.id],
    });
    expect((await runCaptured('runs', '--prune', below.id, '--yes')).stderr).toContain(
      `Run ${above.id} (#1.1) models the codes of a run to remove.`,
    );
    expect(existsSync(below.folder)).toBe(true);
  });

  it('exports, and the files say how the model was trained', async () => {
    const [{ id }] = new RunStore().list().filter(({ identity }) => identity.data === 'piano');
    const out = join(folder, 'exported');
    expect((await printed('export', id.slice(0, 8), out)).trim().split('\n')).toEqual([
      join(out, 'model.json'),
      join(out, 'model.safetensors'),
    ]);
    expect(JSON.parse(readFileSync(join(out, 'model.json'), 'utf8'))).toMatchObject({
      format: 'fermata-model-1',
      row: '1.1',
      data: { name: 'piano', fingerprint: 'piano' },
      training: { steps: 2, seed: 1 },
      measured: { evalNll: 2.345 },
    });
  });
});
