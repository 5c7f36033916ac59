import { runPaper, runTable, trainOneRow } from '@fermata/experiments';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCaptured } from './testing/captured';
import { midiBytes, tone, wavBytes } from './testing/files';

// Trainings are mocked: these specs test the options passed to them, and the wording of their outcomes.
jest.mock('@fermata/experiments', () => ({
  ...jest.requireActual<object>('@fermata/experiments'),
  trainOneRow: jest.fn(),
  runTable: jest.fn(),
  runPaper: jest.fn(),
}));

const environment = { ...process.env };
const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
const at = (name: string) => join(folder, name);

beforeAll(() => {
  process.env.FERMATA_RUNS = at('runs');
  process.env.FERMATA_CACHE = at('cache');
});
afterEach(() => {
  jest.resetAllMocks();
});
afterAll(() => {
  process.env = { ...environment };
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command that must succeed, and returns its output. */
async function printed(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await runCaptured(...args);
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

describe('fermata train', () => {
  it('trains as its options say, and prints the measurements', async () => {
    jest.mocked(trainOneRow).mockResolvedValue({
      row: '1.2',
      run: 'run',
      folder: 'runs/run',
      trainNll: 1.5,
      evalNll: 2.5,
      positions: 1,
      parameters: 12345,
      receptiveField: 1,
      timesteps: 1_000_000,
      seconds: 90,
      shuffledPastNll: 7,
      codes: { perplexity: 100.04, oneSecondPerplexity: 3, codesInUse: 200, histogram: [], shuffledNll: 6 },
    });
    const stdout = await printed(
      ...['train', '1.2', '--held-out', 'validation', '--seed', '3', '--scale', 'tiny', '--backend', 'cpu'],
    );
    expect(jest.mocked(trainOneRow).mock.lastCall![0]).toMatchObject({
      row: '1.2',
      seed: 3,
      heldOut: 'validation',
      scale: { name: 'tiny' },
    });
    expect(stdout.split('\n')).toEqual([
      '#1.2 VQ-VAE',
      'train NLL       1.500 nats per timestep',
      'validation NLL  2.500 nats per timestep',
      'codes shuffled  6.000 nats per timestep',
      'perplexity      100.0, 200 codes in use',
      'past shuffled   7.000 nats per timestep',
      'parameters      12,345',
      'trained on      1,000,000 timesteps in 1 min 30 s',
      'run             runs/run',
      '',
    ]);
  });
});

describe('fermata table --run', () => {
  it('trains as its options say, and reads the results where they were filed', async () => {
    jest.mocked(runTable).mockResolvedValue('filed');
    const results = at('results');
    const { status, stderr } = await runCaptured(
      ...['table', '1', '--run', '--rows', '1.1', '--scale', 'tiny', '--seeds', '2,3', '--name', 'named'],
      ...['--results', results, '--jobs', '4', '--threads', '5', '--audio', '6', '--backend', 'cpu'],
    );
    expect(jest.mocked(runTable).mock.lastCall![0]).toMatchObject({
      rows: [{ id: '1.1' }],
      scale: { name: 'tiny' },
      seeds: [2, 3],
      name: 'named',
      results,
      concurrency: 4,
      threads: 5,
      audio: 6,
    });
    // Nothing was trained, so nothing is printed.
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining(`${results}: no results of #1.1 at scale tiny on filed.`),
    ]);
  });
});

describe('fermata paper', () => {
  it('trains as its options say, and names the report', async () => {
    jest.mocked(runPaper).mockResolvedValue({ index: 'report/index.html', files: [], warnings: [] });
    const { stdout } = await runCaptured(
      ...['paper', '--out', at('report'), '--scale', 'tiny', '--seed', '5', '--jobs', '2', '--threads', '3'],
      ...['--backend', 'cpu'],
    );
    expect(jest.mocked(runPaper).mock.lastCall![0]).toMatchObject({
      out: at('report'),
      scale: { name: 'tiny' },
      seed: 5,
      concurrency: 2,
      threads: 3,
    });
    expect(stdout).toBe('Report: report/index.html\n');
  });
});

describe('fermata render', () => {
  it('writes a WAV file of 16 kHz, and says how long it is', async () => {
    writeFileSync(at('note.mid'), midiBytes());
    const stdout = await printed('render', at('note.mid'), at('note.wav'));
    const wav = readFileSync(at('note.wav'));
    const seconds = (wav.length - 72) / 2 / 16000;
    expect(wav.readUInt32LE(24)).toBe(16000);
    expect(seconds).toBeGreaterThan(0.5);
    expect(stdout).toBe(`${at('note.wav')}: ${seconds.toFixed(1)} s\n`);
  });
});

describe('fermata ingest', () => {
  it('sums up each split, and the MIDI files in it', async () => {
    mkdirSync(at('piano'));
    for (const [split, length] of Object.entries({ train: 9, validation: 4, test: 2 })) {
      writeFileSync(at(`piano/${split}.wav`), wavBytes({ channels: [tone(length)] }));
    }
    writeFileSync(at('piano/note.mid'), midiBytes());
    const splits = 'file,split\ntrain.wav,train\nnote.mid,train\nvalidation.wav,validation\ntest.wav,test\n';
    writeFileSync(at('piano/splits.csv'), splits);
    const { stdout } = await runCaptured('ingest', '--json', at('piano'));
    const { seconds } = JSON.parse(stdout) as { seconds: Record<string, number> };
    // The note lasts half a second, and then its decay.
    expect(seconds).toEqual({ train: expect.closeTo(9.9, 1) as number, validation: 4, test: 2 });
    expect((await runCaptured('ingest', at('piano'))).stdout.split('\n').slice(0, 3)).toEqual([
      'train          2 pieces       0.2 minutes, of these MIDI 0.0',
      'validation     1 pieces       0.1 minutes',
      'test           1 pieces       0.0 minutes',
    ]);
  });
});
