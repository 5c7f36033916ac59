import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { UserError } from '@fermata/core';

import { writeWav } from '../files';
import { encodeMuLaw } from '../mulaw';
import { midiFile, threeNotes, track } from '../testing/midiFile';
import { music } from '../testing/music';
import { temporaryFiles } from '../testing/sounds';
import { loadCodes, RecordingReader } from './reader';
import { ReadingThread, ThreadLost } from './thread';

const { folder, file } = temporaryFiles();
const options = { sampleRate: 16000, symbols: 256, pianoFolder: join(folder, 'piano') };
const take = join(folder, 'take.wav');
const samples = music(16000).map((sample) => Math.round(sample * 0x8000) / 0x8000);
writeWav(take, samples, 16000);

describe('RecordingReader', () => {
  const reader = new RecordingReader();
  afterAll(() => reader.close());

  it('reads recordings as mu-law codes', async () => {
    expect(await reader.measure(take)).toEqual({ isMidi: false, seconds: 1 });
    expect(await reader.codes(take, options)).toEqual({ codes: encodeMuLaw(samples), notes: [] });
    const wide = await reader.codes(take, { ...options, symbols: 4096 });
    expect(wide.codes).toEqual(encodeMuLaw(samples, 4096));
  });

  it('reads a part from the beginning', async () => {
    const { codes } = await reader.codes(take, { ...options, seconds: 0.25 });
    expect(codes).toEqual(encodeMuLaw(samples.subarray(0, 4000)));
  });

  it('plays MIDI files where it has a folder for the piano, and refuses them elsewhere', async () => {
    const path = file(midiFile(track(...threeNotes)), 'three.mid');
    expect(await reader.measure(path)).toEqual({ isMidi: true, seconds: 1.5 });
    const { codes } = await reader.codes(path, options);
    expect(codes.length).toBeGreaterThan(1.5 * 16000);
    await expect(loadCodes(path, { sampleRate: 16000, symbols: 256 })).rejects.toThrow(
      'this is a MIDI file, not audio. Play it first: fermata render.',
    );
  });

  it('goes on after a file that cannot be read', async () => {
    await expect(reader.codes(join(folder, 'missing.wav'), options)).rejects.toThrow(UserError);
    await expect(reader.measure(folder)).rejects.toThrow('this is a folder, not a file');
    expect((await reader.codes(take, options)).codes).toHaveLength(16000);
  });

  it('refuses pipes and devices at once', async () => {
    const pipe = join(folder, 'pipe.wav');
    mkdirSync(folder, { recursive: true });
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
    await expect(reader.measure(pipe)).rejects.toThrow(`${pipe}: this is a pipe or a device, not a file.`);
    await expect(reader.measure('/dev/zero')).rejects.toThrow('this is a pipe or a device, not a file');
  });

  it('stops at once when the signal is aborted, and reads on afterwards', async () => {
    const long = join(folder, 'long.wav');
    writeWav(long, music(500_000), 44100);
    const stop = new AbortController();
    const onDecoded = () => {
      stop.abort();
    };
    const reading = reader.codes(long, { ...options, signal: stop.signal, onDecoded });
    await expect(reading).rejects.toThrow('abort');
    expect((await reader.codes(take, options)).codes).toHaveLength(16000);
  });
});

describe('a thread whose decoder has a fault', () => {
  const asked = async (path: string) => {
    const thread = new ReadingThread(join(__dirname, '../testing/faultyThread.ts'), 1);
    try {
      return await thread.ask({ kind: 'measure', path });
    } catch (error) {
      return (error as ThreadLost).reason as UserError;
    } finally {
      await thread.end();
    }
  };

  it.each([
    ['endless loop', 'the decoder did nothing for 1 s'],
    ['endless memory', '(memory|did nothing)'],
    ['exit', 'the decoder ended'],
    ['exception', 'a decoder of another person'],
  ])('(%s) costs the file alone', async (path, problem) => {
    const error = await asked(path);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ remedy: 'Copy or export it again, or remove it.' });
    expect((error as UserError).problem).toMatch(
      new RegExp(`^${path}: it cannot be decoded \\(.*${problem}`),
    );
  });

  it('is given more time while it waits for a file system', async () => {
    expect(await asked('slow disk')).toEqual({ kind: 'measured', measured: { isMidi: false, seconds: 1 } });
  });
});
