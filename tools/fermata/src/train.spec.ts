import { loadKernels } from '@fermata/kernels';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCaptured } from './testing/captured';
import { tone, wavBytes } from './testing/files';

const environment = { ...process.env };
const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
const take = join(folder, 'take.wav');
beforeAll(() => {
  process.env.FERMATA_RUNS = join(folder, 'runs');
  process.env.FERMATA_CACHE = join(folder, 'cache');
  writeFileSync(take, wavBytes({ channels: [tone(30)] }));
});
afterAll(() => {
  process.env = { ...environment };
  rmSync(folder, { recursive: true, force: true });
});

const itNative = loadKernels() === undefined ? it.skip : it;

describe.each(['train', 'encode', 'reconstruct'])('fermata %s', (command) => {
  const files = command === 'train' ? [] : [take, join(folder, 'out')];
  const lastLine = async (...args: string[]) => {
    const { status, stdout, stderr } = await runCaptured(command, ...args);
    expect([status, stdout]).toEqual([1, '']);
    return stderr.trimEnd().split('\n').at(-1);
  };

  it('names the rows when there is no such row', async () => {
    expect(await lastLine('1.9', ...files)).toMatch(
      /^fermata: There is no row 1\.9\. Choose one of 1\.1, 1\.2, /,
    );
  });

  it.each([
    [
      ['quantiser.alhpa=0.9'],
      /^fermata: quantiser\.alhpa: #1\.2 has no such setting\. Choose among .*, quantiser\.alpha, /,
    ],
    [['quantiser.alpha=fast'], /quantiser\.alpha is "fast", but must be a number\. #1\.2 has 0\.95\.$/],
    [
      ['quantiser.alpha=2'],
      /^fermata: #1\.2: alpha is 2, but must be .* Choose another value of quantiser\.alpha\.$/,
    ],
    [
      ['quantiser.codebook=gradient', 'quantiser.restartBelow=1'],
      /only for a codebook 'ema', .* another value of quantiser\.codebook or quantiser\.restartBelow\.$/,
    ],
    [
      ['quantiser.alpha=0.9', 'budget.learningRate=-1'],
      /^fermata: #1\.2: budget\.learningRate is -1\. It must be a number above 0\.$/,
    ],
    [['budget.cropLength=7'], /budget\.cropLength is 7\. It must be a multiple of the hop, 8\.$/],
  ])('refuses --set %p before it prepares data', async (changes, message) => {
    const args = ['1.2', ...files, '--scale', 'tiny', '--set', ...changes];
    expect(await lastLine(...args)).toMatch(message);
    expect(existsSync(join(folder, 'cache'))).toBe(false);
  });

  it('refuses more threads than there can be', async () => {
    expect(await lastLine('1.2', ...files, '--threads', '1000')).toContain('Give an integer from 1 to 999.');
  });

  it('leaves models of codes to the main job', async () => {
    const said: Record<string, string> = {
      train: 'Row 2.1 models the codes of #1.2, not audio. Train it with `fermata paper`.',
      encode: 'Row 2.1 is no autoencoder: it has no codes. Choose another row.',
      reconstruct: 'Row 2.1 is no autoencoder: it reconstructs nothing. Choose another row.',
    };
    expect(await lastLine('2.1', ...files)).toBe(`fermata: ${said[command]}`);
  });
});

describe.each(['encode', 'reconstruct'])('fermata %s', (command) => {
  it('makes sure first that its file can be written', async () => {
    const out = join(folder, 'taken');
    mkdirSync(out, { recursive: true });
    const { stderr } = await runCaptured(command, '1.2', take, out, '--scale', 'tiny');
    const what = command === 'encode' ? 'codes' : 'WAV file';
    expect(stderr).toBe(
      `fermata: ${out}: this is a folder, not a file. Choose another place for the ${what}.\n`,
    );
  });

  // Only the kernels have threads.
  itNative('computes with as many threads as it is told', async () => {
    const kernels = loadKernels()!;
    const before = kernels.threads();
    try {
      await runCaptured(command, '1.1', take, join(folder, 'out'), '--threads', String(before + 1));
      expect(kernels.threads()).toBe(before + 1);
    } finally {
      kernels.setThreads(before);
    }
  });

  it('says how to train a row that is not trained', async () => {
    const out = join(folder, 'out');
    const { status, stderr } = await runCaptured(
      command,
      '1.2',
      take,
      out,
      '--data',
      take,
      '--scale',
      'tiny',
    );
    expect(status).toBe(1);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      'fermata: Row 1.2 is not trained at scale tiny with seed 1 on these data. ' +
        'Run `fermata train 1.2 --scale tiny` with the same --seed, --data and --set.',
    );
  });
});

it('fermata train refuses a setting without a value', async () => {
  const { stderr } = await runCaptured('train', '1.2', '--set', 'quantiser.alpha');
  expect(stderr).toBe(
    "fermata: option '--set <name=value...>' argument 'quantiser.alpha' is invalid. " +
      'Give a name and a value: quantiser.alpha=0.9. See `fermata train --help`.\n',
  );
});

it.each([
  ['--temperature', '-1', '<number>', 'Give a number of at least 0.'],
  ['--top-p', '0', '<share>', 'Give a number above 0, up to 1.'],
])('fermata reconstruct refuses %s %s', async (option, value, name, message) => {
  const { stderr } = await runCaptured('reconstruct', '1.2', take, 'out', option, value);
  expect(stderr).toBe(
    `fermata: option '${option} ${name}' argument '${value}' is invalid. ${message} See \`fermata reconstruct --help\`.\n`,
  );
});
