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
  const out = command === 'encode' ? 'out.json' : 'out.wav';
  const files = command === 'train' ? [] : [take, join(folder, out)];
  const lastLine = async (...args: string[]) => {
    const { status, stdout, stderr } = await runCaptured(command, ...args);
    expect([status, stdout]).toEqual([1, '']);
    return stderr.trimEnd().split('\n').at(-1);
  };

  it('lists the rows if one is unknown', async () => {
    expect(await lastLine('1.9', ...files)).toMatch(
      /^fermata: Row 1\.9 is unknown\. Choose one of 1\.1, 1\.2, /,
    );
  });

  it.each([
    [
      ['quantiser.alhpa=0.9'],
      /^fermata: #1\.2: model\.quantiser\.alhpa \(0\.9\) is not a key of this config\. Did you mean alpha\?$/,
    ],
    [
      ['quantiser.alpha=fast'],
      /model\.quantiser\.alpha is "fast"\. It must be a number at least 0 and below 1\.$/,
    ],
    [
      ['model.quantiser.alpha=2'],
      /^fermata: #1\.2: model\.quantiser\.alpha is 2\. It must be a number at least 0/,
    ],
    [
      ['quantiser.codebook=gradient', 'quantiser.restartBelow=1'],
      /model\.quantiser\.restartBelow \(1\) is not a key of this config\. The keys are .*codebook\.$/,
    ],
    [['hop=16'], /#1\.2: model\.hop cannot be changed, because it tells rows apart\. Choose another row\.$/],
    [['schedule.kind=cosin'], /schedule\.kind is "cosin"\. It must be one of .* Did you mean cosine\?$/],
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

  it.each([
    ['2.1', 'encode', 'Row 2.1 is not an autoencoder: it has no codes.'],
    ['2.1', 'reconstruct', 'Row 2.1 is not an autoencoder: it reconstructs nothing.'],
    ['1.2-continuous', 'encode', 'Row 1.2-continuous has a continuous bottleneck: it has no codes.'],
  ])('refuses #%s to %s before it prepares data', async (row, refusing, message) => {
    if (command !== refusing) return;
    expect(await lastLine(row, ...files)).toBe(`fermata: ${message} Choose another model.`);
    expect(existsSync(join(folder, 'cache'))).toBe(false);
  });
});

describe.each(['encode', 'reconstruct'])('fermata %s', (command) => {
  const place = (name: string) => join(folder, `${name}.${command === 'encode' ? 'json' : 'wav'}`);

  it('checks first that its file is writable', async () => {
    const out = place('taken');
    mkdirSync(out, { recursive: true });
    const { stderr } = await runCaptured(command, '1.2', take, out, '--scale', 'tiny');
    const what = command === 'encode' ? 'codes' : 'audio';
    expect(stderr).toBe(
      `fermata: ${out}: this is a folder, not a file. Choose another place for the ${what}.\n`,
    );
  });

  // Only the kernels have threads.
  itNative('computes with as many threads as it is told', async () => {
    const kernels = loadKernels()!;
    const before = kernels.threads();
    try {
      await runCaptured(command, '1.1', take, place('out'), '--threads', String(before + 1));
      expect(kernels.threads()).toBe(before + 1);
    } finally {
      kernels.setThreads(before);
    }
  });

  it('says how to train an untrained row', async () => {
    const out = place('out');
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
        'Run `fermata train 1.2 --scale tiny` with the same --seed, --data and --set, or choose a model of `fermata runs` with --run.',
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
