import { isMarkedFile } from '@fermata/audio';
import { isOutputFolder } from '@fermata/core';
import { exportModel } from '@fermata/experiments';
import { selectBackend } from '@fermata/tensor';
import { testBackends } from '@fermata/testing';
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCaptured } from './testing/captured';
import { level1, prior, writeExported } from './testing/exportedModels';
import { midiBytes, tone, wavBytes } from './testing/files';

const models = mkdtempSync(join(tmpdir(), 'fermata-models-'));
const backend = testBackends.at(-1)!;
const environment = { ...process.env };
let folder: string;
const at = (name: string) => join(folder, name);
const take = wavBytes({ channels: [tone(0.2)] });
const other = wavBytes({ channels: [tone(0.2, 16000, 330)] });

beforeAll(async () => {
  await selectBackend(backend);
  await writeExported(join(models, 'prior'), prior(16), [level1]);
});
afterAll(() => {
  rmSync(models, { recursive: true });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fermata-'));
  process.env.FERMATA_RUNS = at('runs');
  process.env.FERMATA_CACHE = at('cache');
  process.env.INIT_CWD = folder;
  writeFileSync(at('take.wav'), take);
  writeFileSync(at('other.wav'), other);
  writeFileSync(at('note.mid'), midiBytes());
});
afterEach(() => {
  process.env = { ...environment };
  rmSync(folder, { recursive: true });
});

const level = join(models, 'prior', 'level-1');
const system = join(models, 'prior');
const fermata = (command: string, ...args: string[]) =>
  runCaptured(command, ...args, ...(command === 'render' ? [] : ['--backend', backend]));

describe('a recording', () => {
  const isRead =
    /^fermata: .*: this file is read, and would be written over\. Name another file to write\.$/m;
  const isForeign =
    /^fermata: .*: this file exists, and Fermata did not write it\. Choose another name, or write over it with --force\.$/m;
  const isNoAudio = /^fermata: .*\.wav: the codes are JSON, and no audio\. End the name in \.json\.$/m;

  it.each<[command: string, args: string[], complaint: RegExp]>([
    ['reconstruct', ['--model', level, 'take.wav', 'take.wav'], isRead],
    ['reconstruct', ['--model', level, 'take.wav', 'take.wav', '--force'], isRead],
    ['reconstruct', ['--model', level, 'take.wav', './x/../take.wav'], isRead],
    ['reconstruct', ['--model', level, 'take.wav', 'symbolic.wav'], isRead],
    ['reconstruct', ['--model', level, 'symbolic.wav', 'take.wav'], isRead],
    ['reconstruct', ['--model', level, 'take.wav', 'hard.wav'], isRead],
    ['reconstruct', ['--model', level, 'take.wav', 'linked/take.wav'], isRead],
    ['reconstruct', ['--model', level, 'take.wav', 'other.wav'], isForeign],
    ['encode', ['--model', level, 'take.wav', 'take.wav'], isNoAudio],
    ['encode', ['--model', level, 'take.wav', 'other.wav'], isNoAudio],
    ['encode', ['--model', level, 'take.wav', 'new.wav'], isNoAudio],
    ['encode', ['--model', level, 'take.wav', 'hard'], isRead],
    ['encode', ['--model', level, 'take.wav', 'notes.txt'], isForeign],
    ['generate', ['--model', system, '--seconds', '0.1', '--out', 'other.wav'], isForeign],
    ['generate', ['--model', system, '--seconds', '0.1', '--count', '2', '--out', 'part.wav'], isForeign],
    [
      'generate',
      ['--model', system, '--seconds', '0.1', '--prompt', 'take.wav', '--out', 'hard.wav'],
      isRead,
    ],
    ['generate', ['--model', system, '--seconds', '0.1', '--keep-codes', 'other.wav'], isNoAudio],
    ['generate', ['--model', system, '--seconds', '0.1', '--keep-codes', 'notes.txt'], isForeign],
    ['decode', ['codes.json', 'other.wav', '--model', level], isForeign],
    ['render', ['note.mid', 'take.wav'], isForeign],
  ])('is not written over by %s %j', async (command, args, complaint) => {
    symlinkSync('take.wav', at('symbolic.wav'));
    symlinkSync('.', at('linked'));
    linkSync(at('take.wav'), at('hard.wav'));
    linkSync(at('take.wav'), at('hard'));
    cpSync(at('other.wav'), at('part-2.wav'));
    mkdirSync(at('x'));
    writeFileSync(at('notes.txt'), 'My notes.');
    writeFileSync(at('codes.json'), '{"row":"1.2"}');
    const { status, stderr } = await fermata(command, ...args);
    expect([status, stderr]).toEqual([1, expect.stringMatching(complaint)]);
    expect([readFileSync(at('take.wav')), readFileSync(at('other.wav'))]).toEqual([take, other]);
    expect(readFileSync(at('notes.txt'), 'utf8')).toBe('My notes.');
    expect([existsSync(at('new.wav')), existsSync(at('music.wav'))]).toEqual([false, false]);
  });
});

it('a file of its own is written over, and any other with --force', async () => {
  const reconstruct = (...args: string[]) => fermata('reconstruct', '--model', level, 'take.wav', ...args);
  for (const seed of ['1', '2']) {
    expect(await reconstruct('again.wav', '--seed', seed)).toMatchObject({ status: 0 });
    expect(isMarkedFile(at('again.wav'))).toBe(true);
    const encoded = await fermata('encode', '--model', level, 'take.wav', 'codes.json');
    expect(encoded).toMatchObject({ status: 0 });
    expect(await fermata('decode', 'codes.json', 'again.wav', '--model', level)).toMatchObject({ status: 0 });
  }
  expect(await reconstruct('other.wav', '--force')).toMatchObject({ status: 0 });
  expect(isMarkedFile(at('other.wav'))).toBe(true);
});

describe('a folder', () => {
  const models_ = () => at('models');
  const exported = () => exportModel({ model: level }, models_());

  it('of another model is not written over by an export; that of an export is', async () => {
    mkdirSync(models_());
    writeFileSync(join(models_(), 'model.safetensors'), 'of somebody else');
    await expect(exported()).rejects.toThrow(
      `${models_()}: this folder holds files that Fermata did not write, such as model.safetensors.`,
    );
    expect(readFileSync(join(models_(), 'model.safetensors'), 'utf8')).toBe('of somebody else');
    rmSync(models_(), { recursive: true });
    await exported();
    await exported();
    rmSync(join(models_(), '.fermata-output')); // as before folders were marked
    await exported();
    expect(isOutputFolder(models_())).toBe(true);
  });

  it('of recordings does not take a report', async () => {
    const { status, stderr } = await runCaptured(
      ...['paper', '--scale', 'tiny', '--data', folder, '--out', folder],
    );
    expect([status, stderr.trimEnd().split('\n').at(-1)]).toEqual([
      1,
      `fermata: ${folder}: this folder holds files that Fermata did not write, such as note.mid. Choose another folder with --out.`,
    ]);
    expect(isOutputFolder(folder)).toBe(false);
  });
});

describe('names', () => {
  it('are printed with their control characters escaped', async () => {
    mkdirSync(at('piano'));
    for (const [index, name] of ['a.wav', 'b.wav', 'x\u001b[2J\n\u202egv.wav'].entries()) {
      writeFileSync(at(`piano/${name}`), wavBytes({ channels: [tone(2, 16000, 220 + 55 * index)] }));
    }
    writeFileSync(at('piano/y\u009b2J\u0007.wav'), '');
    for (const args of [[], ['--json']]) {
      const { stdout, stderr } = await runCaptured('ingest', at('piano'), ...args);
      expect(stdout + stderr).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e]/u);
      expect(stdout).toContain('y\\u009b2J\\u0007.wav');
    }
    const json = JSON.parse((await runCaptured('ingest', at('piano'), '--json')).stdout) as {
      pieces: { id: string }[];
    };
    expect(json.pieces.map(({ id }) => id)).toContain('x\u001b[2J\n\u202egv.wav');
    const { stderr } = await runCaptured('ingest', at('no\u001b[2Jthing\n.wav'));
    expect(stderr).toContain('no\\u001b[2Jthing\\n.wav: there is no such file');
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});
