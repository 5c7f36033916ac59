import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs, { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { fromSources } from '@fermata/testing';

import { decodeAudioFile } from '..';
import { music, signalToNoise } from '../../testing/music';
import { openAudioWriter } from '.';

const rate = 16000;
const child = join(__dirname, '../../testing/writeAudio.ts');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'target-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  jest.restoreAllMocks();
});
const place = (name: string) => join(folder, name);

describe('a process that is killed', () => {
  /**
   * Runs the child until it has written something, kills it, and returns the least number of samples that it had
   * written.
   */
  async function kill(path: string): Promise<number> {
    const process_ = spawn(process.execPath, [...fromSources, child, path, '1e9'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let notes = '';
    process_.stderr.on('data', (note: Buffer) => {
      notes += note.toString();
      if (notes.length > 10000) process_.kill('SIGKILL');
    });
    const [, signal] = (await once(process_, 'close')) as [number | null, string];
    expect(signal).toBe('SIGKILL');
    return Number(notes.split('\n').at(-2));
  }

  it('leaves a WAV file that plays up to the last write', async () => {
    const written = await kill(place('killed.wav'));
    const [samples] = (await decodeAudioFile(place('killed.wav'))).channels;
    expect(samples.length).toBeGreaterThanOrEqual(written);
    const tone = samples.map((_, t) => 0.5 * Math.sin(t / 10));
    expect(signalToNoise(tone, samples)).toBeGreaterThan(60);
  });

  it.each(['mp3', 'flac'])('leaves a .%s file that plays except its end', async (extension) => {
    const path = place(`killed.${extension}`);
    const written = await kill(path);
    const [samples] = (await decodeAudioFile(path)).channels;
    expect(samples.length).toBeGreaterThan(written - 2 * 4096);
  });
});

describe('standard output', () => {
  it('has a WAV header of unknown length', () => {
    const bytes = execFileSync(process.execPath, [...fromSources, child, '-', '100'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(bytes).toHaveLength(72 + 200);
    expect([bytes.readUInt32LE(4), bytes.readUInt32LE(68)]).toEqual([0xffffffff, 0xffffffff]);
  });

  it('may lose its reader, and reports that without an error', async () => {
    const process_ = spawn(process.execPath, [...fromSources, child, '-', '1e9'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let notes = '';
    process_.stderr.on('data', (note: Buffer) => (notes += note.toString()));
    process_.stdout.once('data', () => process_.stdout.destroy());
    expect(await once(process_, 'close')).toEqual([0, null]);
    expect(notes.endsWith('the reader is gone\n')).toBe(true);
  });

  type Written = (error?: Error | null) => void;
  const standIn = (answer: (done: Written) => void) =>
    jest.spyOn(process.stdout, 'write').mockImplementation(((_: Uint8Array, done: Written) => {
      answer(done);
      return false;
    }) as typeof process.stdout.write);
  const { isTTY } = process.stdout;
  beforeEach(() => {
    process.stdout.isTTY = false;
  });
  afterEach(() => {
    process.stdout.isTTY = isTTY;
  });

  it('waits for a slow reader', async () => {
    const waiting: Written[] = [];
    standIn((done) => waiting.push(done));
    const opening = openAudioWriter('-', { rate });
    await until(() => waiting.length === 1);
    waiting[0]();
    const writer = await opening;
    let isWritten = false;
    const writing = writer.write(new Float32Array(40000)).then(() => (isWritten = true));
    for (const piece of [1, 2, 3]) {
      await until(() => waiting.length === piece + 1);
      await new Promise(setImmediate);
      expect(waiting).toHaveLength(piece + 1);
      expect(isWritten).toBe(false);
      waiting[piece]();
    }
    await writing;
    await writer.close();
    expect(waiting).toHaveLength(4);
  });

  it('gets the bytes of overlapping calls in order', async () => {
    const spy = standIn((done) => setImmediate(done));
    const samples = music(40000);
    const written = async (overlap: boolean) => {
      const writer = await openAudioWriter('-', { rate, format: 'mp3' });
      const calls = [
        () => writer.write(samples.subarray(0, 30000)),
        () => writer.write(samples.subarray(30000)),
        () => writer.close(),
      ];
      if (overlap) await Promise.all(calls.map((call) => call()));
      else for (const call of calls) await call();
      const bytes = spy.mock.calls.map(([piece]) => piece as Uint8Array);
      spy.mockClear();
      return Buffer.concat(bytes);
    };
    const inTurn = await written(false);
    expect(inTurn.length).toBeGreaterThan(20000);
    expect((await written(true)).equals(inTurn)).toBe(true);
  });

  it('may be a file on a full disk', async () => {
    let free = 2;
    standIn((done) => {
      done(free-- > 0 ? null : Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }));
    });
    const writer = await openAudioWriter('-', { rate });
    await writer.write(new Float32Array(10));
    await expect(writer.write(new Float32Array(10))).rejects.toThrow('standard output: the disk is full.');
    await writer.close();
  });

  it('must not be a terminal', async () => {
    process.stdout.isTTY = true;
    await expect(openAudioWriter('-', { rate })).rejects.toThrow('standard output: this is a terminal');
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

describe('a full disk', () => {
  it.each(['wav', 'flac', 'mp3'])('is reported, and .%s keeps the bytes that fit', async (extension) => {
    const path = place(`full.${extension}`);
    const samples = music(100000);
    const writer = await openAudioWriter(path, { rate });
    await writer.write(samples.subarray(0, 30000));
    const closing = jest.spyOn(fs, 'closeSync');
    jest.spyOn(fs, 'writeSync').mockImplementation(() => {
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    });
    const full = `${path}: the disk is full.`;
    await expect(writer.write(samples.subarray(30000, 60000))).rejects.toThrow(full);
    jest.mocked(fs.writeSync).mockRestore();
    await expect(writer.write(samples.subarray(60000))).rejects.toThrow(full);
    await writer.close();
    expect(closing).toHaveBeenCalledTimes(1);
    const [kept] = (await decodeAudioFile(path)).channels;
    expect(kept.length).toBeGreaterThan(30000 - 2 * 4096);
    expect(kept.length).toBeLessThanOrEqual(30000);
  });

  it('is reported by close, too', async () => {
    const writer = await openAudioWriter(place('full.ogg'), { rate });
    jest.spyOn(fs, 'writeSync').mockImplementation(() => {
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    });
    await writer.write(music(100));
    const closing = jest.spyOn(fs, 'closeSync');
    await expect(writer.close()).rejects.toThrow('the disk is full');
    expect(closing).toHaveBeenCalledTimes(1);
  });

  it('is reported before the first sample', async () => {
    symlinkSync('/dev/full', place('device.wav'));
    await expect(openAudioWriter(place('device.wav'), { rate })).rejects.toThrow('the disk is full');
  });
});
