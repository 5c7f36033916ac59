import fs, { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { scaleNames } from '@fermata/experiments';

import { runCaptured } from './testing/captured';
import { midiBytes, tone, wavBytes } from './testing/files';

const environment = { ...process.env };
let folder: string;
const at = (name: string) => join(folder, name);
const write = (name: string, contents: string | Uint8Array) => {
  writeFileSync(at(name), contents);
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fermata-'));
  process.env.FERMATA_RUNS = at('runs');
  process.env.FERMATA_CACHE = at('cache');
});
afterEach(() => {
  jest.restoreAllMocks();
  process.env = { ...environment };
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command that must fail, and returns its one line; progress may come before it. */
async function complaint(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await runCaptured(...args);
  expect(stdout).toBe('');
  expect(status).toBe(1);
  const lines = stderr.trimEnd().split('\n');
  expect(lines.slice(0, -1).filter((line) => !/^ingest read +\d+%/.test(line))).toEqual([]);
  return lines.at(-1)!;
}

interface Summary {
  readonly pieces: readonly { source: string; split: string; length: number }[];
  readonly skipped: readonly { file: string; reason: string }[];
  readonly notes: readonly string[];
}

async function ingested(...sources: string[]): Promise<Summary> {
  const { status, stdout, stderr } = await runCaptured('ingest', '--json', ...sources);
  expect([status, stderr]).toEqual([0, expect.stringMatching(/^(ingest read .*\n)*$/)]);
  return JSON.parse(stdout) as Summary;
}

const again = 'Copy or export it again, or remove it.';

describe('a recording that cannot be used', () => {
  const whole = wavBytes({ channels: [tone(2)] });
  const notNumbers = tone(2);
  notNumbers[16000] = NaN;
  const badFiles: [kind: string, contents: string | Uint8Array, complaint: string][] = [
    ['zero-length', '', `the file is empty. Copy it again, or remove it.`],
    ['text', 'These are the notes:\nC D E\n', `this is a text file, not audio. ${again}`],
    ['binary, but not audio', Uint8Array.from([0, 1, 2, 3, 200, 5]), `this is not an audio file. ${again}`],
    [
      'truncated in its samples',
      whole.subarray(0, 32044),
      `the file ends after 1.0 of 2.0 s: it is truncated. ${again}`,
    ],
    [
      'truncated in its header',
      whole.subarray(0, 30),
      `the file ends before its samples begin: it is truncated. ${again}`,
    ],
    ['without samples', wavBytes({ channels: [[]] }), `there are no samples in the file. ${again}`],
    [
      'silent',
      wavBytes({ channels: [new Float32Array(32000)] }),
      'the recording is silent (nothing rises above -80 dBFS). Remove it, or record it again.',
    ],
    [
      'with NaN',
      wavBytes({ channels: [notNumbers], float: true }),
      `a sample is not a number (NaN), at 1.00 s of channel 1. ${again}`,
    ],
    [
      'of sample rate 0',
      wavBytes({ channels: [tone(2)], sampleRate: 0 }),
      `its header has a sample rate of 0 Hz. ${again}`,
    ],
    [
      'of an absurd sample rate',
      wavBytes({ channels: [tone(2)], sampleRate: 4_000_000_000 }),
      `its header has a sample rate of 4000000000 Hz. ${again}`,
    ],
  ];

  it.each(badFiles)('%s: is named with the remedy', async (_kind, contents, expected) => {
    write('take.wav', contents);
    expect(await complaint('ingest', at('take.wav'))).toBe(`fermata: ${at('take.wav')}: ${expected}`);
  });

  it('is named, counted and skipped among others', async () => {
    mkdirSync(at('piano'));
    for (const [index, name] of ['a', 'b', 'c'].entries()) {
      write(`piano/${name}.wav`, wavBytes({ channels: [tone(2, 16000, 220 + 55 * index)] }));
    }
    badFiles.forEach(([, contents], index) => {
      write(`piano/bad-${index}.wav`, contents);
    });
    write('piano/note.mid', midiBytes());
    const { status, stdout } = await runCaptured('ingest', at('piano'));
    expect(status).toBe(0);
    const lines = stdout.split('\n');
    // The MIDI file lasts a few seconds, like each take.
    expect(lines.filter((line) => /^[a-z]+ +\d+ pieces +0\.\d minutes$/.test(line))).toHaveLength(2);
    expect(
      lines.filter((line) => /^[a-z]+ +\d+ pieces +0\.\d minutes, of these MIDI 0\.\d$/.test(line)),
    ).toHaveLength(1);
    expect(lines).toContain(`skipped       ${badFiles.length} files`);
    badFiles.forEach(([, , reason], index) => {
      const [problem] = reason.split(/\. (?=[A-Z])/);
      expect(lines).toContain(`           bad-${index}.wav: ${problem}`);
    });
    const { pieces, skipped } = await ingested(at('piano'));
    expect(pieces.map(({ source }) => source).sort()).toEqual(['a.wav', 'b.wav', 'c.wav', 'note.mid']);
    expect(skipped.length).toBe(badFiles.length);
  });

  it('is refused before any training if it is too short', async () => {
    write('take.wav', wavBytes({ channels: [tone(1)] }));
    const { status, stderr } = await runCaptured(
      'paper',
      '--scale',
      'tiny',
      '--data',
      at('take.wav'),
      '--out',
      at('report'),
    );
    expect([status, stderr.trimEnd().split('\n').at(-1)]).toEqual([
      1,
      'fermata: The longest piece of the test split lasts 0.04 s, but scale tiny needs 0.26 s. Add longer recordings.',
    ]);
    expect(readdirSync(at('runs'))).toEqual([]);
  });

  it('ends the command if none is usable', async () => {
    mkdirSync(at('piano'));
    expect(await complaint('ingest', at('piano'))).toBe(
      `fermata: ${at('piano')}: no audio was found. Name a folder with WAV, FLAC, MP3, Ogg Vorbis, Opus or MIDI files.`,
    );
    write('piano/a.wav', '');
    write('piano/b.wav', '');
    expect(await complaint('ingest', at('piano'))).toBe(
      `fermata: ${at('piano')}: none of 2 files can be used (a.wav: the file is empty). ` +
        'Name a folder with WAV, FLAC, MP3, Ogg Vorbis, Opus or MIDI files.',
    );
  });
});

describe('a path', () => {
  it('that is missing is named by every command', async () => {
    const missing = `${at('none')}: there is no such file or folder. Check the spelling of the path.`;
    expect(await complaint('ingest', at('none'))).toBe(`fermata: ${missing}`);
    expect(await complaint('render', at('none'), at('take.wav'))).toBe(`fermata: ${missing}`);
    const { status, stderr } = await runCaptured('paper', '--data', at('none'), '--out', at('report'));
    expect([status, stderr.trimEnd().split('\n').at(-1)]).toEqual([1, `fermata: ${missing}`]);
  });

  it('with an empty path is refused', async () => {
    expect(await complaint('ingest', '')).toBe(
      'fermata: A path is empty. Check the variable that it comes from.',
    );
  });
});

describe('a recording of an unusual kind', () => {
  it('of two channels is mixed', async () => {
    const inPhase = tone(4);
    const opposite = inPhase.map((x) => -x);
    write('take.wav', wavBytes({ channels: [inPhase, tone(4, 16000, 330)] }));
    const { pieces, skipped } = await ingested(at('take.wav'));
    expect(skipped).toEqual([]);
    expect(pieces.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(3.8 * 16000);
    // The mean of opposite channels would be silence.
    write('take.wav', wavBytes({ channels: [inPhase, opposite] }));
    const { notes } = await ingested(at('take.wav'));
    expect(notes).toContain(
      'take.wav: its channels cancel each other out (antiphase): the first channel is used.',
    );
  });

  it.each([8000, 11_025, 37_800, 44_100, 192_000])('of %d Hz is resampled', async (sampleRate) => {
    write('take.wav', wavBytes({ channels: [tone(4, sampleRate)], sampleRate }));
    const { pieces } = await ingested(at('take.wav'));
    const timesteps = pieces.reduce((sum, { length }) => sum + length, 0);
    // 4 s, less the gaps before the held-out parts.
    expect(timesteps).toBeGreaterThan(3.8 * 16000);
    expect(timesteps).toBeLessThanOrEqual(4 * 16000);
  });
});

describe('a place that cannot be written', () => {
  beforeEach(() => {
    write('file', '');
    write('take.wav', wavBytes({ channels: [tone(4)] }));
    write('note.mid', midiBytes());
  });
  const inTheWay = () => `fermata: ${at('file')}: a file of that name is in the way.`;
  const notFolder = (name: string) => `fermata: ${at(name)}: a part of the path is a file, not a folder.`;
  const paper = (...args: string[]) => complaintOfPaper('--data', at('take.wav'), ...args);
  const complaintOfPaper = async (...args: string[]) => {
    const { status, stderr } = await runCaptured('paper', ...args);
    const [, line, ...rest] = stderr.trimEnd().split('\n');
    expect([status, rest]).toEqual([1, []]);
    return line;
  };

  it('is found out before anything is done: the report', async () => {
    expect(await paper('--out', at('file'))).toBe(`${inTheWay()} Choose another folder with --out.`);
    expect(await paper('--out', at('file/report'))).toBe(
      `${notFolder('file/report')} Choose another folder with --out.`,
    );
    expect(existsSync(at('cache'))).toBe(false);
  });

  it('is found out before anything is done: the run store', async () => {
    process.env.FERMATA_RUNS = at('file');
    expect(await paper('--out', at('report'))).toBe(
      `${inTheWay()} Name a folder for trained models in FERMATA_RUNS.`,
    );
    expect(readdirSync(at('cache/audio'))).toEqual([]);
  });

  it('is found out before anything is done: the prepared audio', async () => {
    process.env.FERMATA_CACHE = at('file');
    const expected = `${notFolder('file/audio')} Name a folder for prepared audio in FERMATA_CACHE.`;
    expect(await paper('--out', at('report'))).toBe(expected);
    expect(await complaint('ingest', at('take.wav'))).toBe(expected);
    expect(await complaint('render', at('note.mid'), at('note.wav'))).toBe(expected);
  });

  it('is found out before anything is done: a WAV file', async () => {
    const choose = 'Choose another place for the audio.';
    expect(await complaint('render', at('note.mid'), at('file/note.wav'))).toBe(`${inTheWay()} ${choose}`);
    mkdirSync(at('folder.wav'));
    expect(await complaint('render', at('note.mid'), at('folder.wav'))).toBe(
      `fermata: ${at('folder.wav')}: this is a folder, not a file. ${choose}`,
    );
    expect(existsSync(at('cache'))).toBe(false);
  });

  it('is named when the disk is full', async () => {
    jest.spyOn(fs, 'writeSync').mockImplementation(() => {
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    });
    expect(await complaint('ingest', at('take.wav'))).toMatch(
      /^fermata: .*cache.*take\.wav.*: the disk is full\. Free some space and run the same command again: it goes on where it stopped\.$/,
    );
  });
});

describe('a mistake in the options', () => {
  it.each<[args: string[], complaint: string]>([
    [['papr'], "unknown command 'papr'. Did you mean paper? See `fermata --help`."],
    [['paper', '--daat', 'x'], "unknown option '--daat'. Did you mean --data? See `fermata paper --help`."],
    [['paper', '--data'], "option '--data <path...>' argument missing. See `fermata paper --help`."],
    [
      ['paper', 'piano'],
      "too many arguments for 'paper'. Expected 0 arguments but got 1. See `fermata paper --help`.",
    ],
    [
      ['paper', '--scale', 'tyni'],
      `option '--scale <name>' argument 'tyni' is invalid. Allowed choices are ${scaleNames.join(', ')}. See \`fermata paper --help\`.`,
    ],
    ...['x', '-1', '1.5', '', '1e99'].map((seed): [string[], string] => [
      ['paper', `--seed=${seed}`],
      `option '--seed <number>' argument '${seed}' is invalid. Give an integer of at least 0. See \`fermata paper --help\`.`,
    ]),
    [
      ['paper', '--jobs', '0'],
      "option '--jobs <number>' argument '0' is invalid. Give an integer of at least 1. See `fermata paper --help`.",
    ],
    [
      ['doctor', '--backend', 'wsam'],
      "option '--backend <name>' argument 'wsam' is invalid. Allowed choices are tensorflow, webgpu, native, wasm, cpu. See `fermata doctor --help`.",
    ],
    [['ingest'], "missing required argument 'sources'. See `fermata ingest --help`."],
    [['render', 'note.mid'], "missing required argument 'wav'. See `fermata render --help`."],
  ])('%j is one line', async (args, expected) => {
    expect(await complaint(...args)).toBe(`fermata: ${expected}`);
  });

  it('or in the environment is one line', async () => {
    process.env.FERMATA_BACKEND = 'wsam';
    const expected =
      'fermata: FERMATA_BACKEND: wsam is not a backend. Choose one of tensorflow, webgpu, native, wasm, cpu.';
    expect(await complaint('doctor')).toBe(expected);
    expect(await complaint('paper')).toBe(expected);
  });
});

describe('help', () => {
  it.each(['', 'paper', 'ingest', 'render', 'doctor'])('fermata %s --help', async (name) => {
    const command = name === '' ? [] : [name];
    const { status, stdout, stderr } = await runCaptured(...command, '--help');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Usage: ${['fermata', ...command].join(' ')}`);
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
  });
});

it('doctor shows each backend, the one in use, why others are not available, and the parts of TensorFlow', async () => {
  process.env.FERMATA_BACKEND = 'cpu';
  const { status, stdout } = await runCaptured('doctor', '--json');
  const { selected, backends, tensorflow } = JSON.parse(stdout) as {
    selected: string;
    backends: { name: string; available: boolean; reason: string }[];
    tensorflow: { name: string; present: boolean; detail: string }[];
  };
  expect([status, selected]).toEqual([0, 'cpu']);
  expect(backends.map(({ name }) => name).sort()).toEqual(['cpu', 'native', 'tensorflow', 'wasm', 'webgpu']);
  for (const { reason } of backends) expect(reason).toMatch(/^\S.*\S$/);
  expect(tensorflow.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['npm package', 'addon', 'libtensorflow']),
  );
  const text = (await runCaptured('doctor')).stdout;
  expect(text).toMatch(/^ {2}in use {2}cpu /m);
  for (const { name, present, detail } of tensorflow) {
    expect(text).toContain(`  ${present ? 'yes    ' : 'missing'} ${name.padEnd(13)} ${detail}\n`);
  }
});
