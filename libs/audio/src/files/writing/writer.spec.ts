import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { UserError } from '@fermata/core';
import { fromSources } from '@fermata/testing';

import { audioSeconds, decodeAudioFile, writeWav } from '..';
import { music, signalToNoise } from '../../testing/music';
import { writableExtensions } from './format';
import { WavEncoder } from './wav';
import { audioFormatOf, isMarkedFile, openAudioWriter } from '.';

const rate = 16000;
const child = join(__dirname, '../../testing/writeAudio.ts');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'writer-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const place = (name: string) => join(folder, name);

// Integers have no −0.
const rounded = (samples: Float32Array) => samples.map((sample) => Math.round(sample * 0x8000) / 0x8000 + 0);

interface WriteOptions {
  readonly lengths?: readonly number[];
  readonly channels?: 1 | 2;
  readonly sampleRate?: number;
  readonly isRecording?: boolean;
}

/** Writes samples in pieces with the given lengths, repeated. */
async function write(
  path: string,
  samples: Float32Array,
  { lengths = [1000], channels = 1, sampleRate = rate, isRecording = false }: WriteOptions = {},
): Promise<void> {
  const writer = await openAudioWriter(path, { rate: sampleRate, channels, isRecording });
  for (let from = 0, piece = 0; from < samples.length; piece++) {
    const length = channels * lengths[piece % lengths.length];
    await writer.write(samples.subarray(from, from + length));
    from += length;
  }
  await writer.close();
}

describe('audioFormatOf', () => {
  it.each(writableExtensions)('knows .%s, in capitals too', (extension) => {
    expect(audioFormatOf(`some.where/take.1.${extension}`)).toBe(extension);
    expect(audioFormatOf(`TAKE.${extension.toUpperCase()}`)).toBe(extension);
  });

  it.each([
    ['take.aiff', 'take.aiff: Fermata cannot write .aiff files.'],
    ['folder.wav/take', 'folder.wav/take: the name has no extension.'],
    ['.mp3', '.mp3: the name has no extension.'],
    ['-', '-: the name has no extension.'],
  ])('refuses %s', (path, problem) => {
    expect(() => audioFormatOf(path)).toThrow(
      new UserError(problem, 'End the name in .wav, .flac, .mp3 or .ogg.'),
    );
  });
});

describe.each(writableExtensions)('a written %s file', (extension) => {
  const lossless = extension === 'wav' || extension === 'flac';
  it.each([8000, 16000, 44100])('has the samples that were written, at %i Hz', async (sampleRate) => {
    const path = place(`mono.${extension}`);
    const samples = music(2 * sampleRate + 123);
    await write(path, samples, { sampleRate });
    const audio = await decodeAudioFile(path);
    expect(audio.sampleRate).toBe(sampleRate);
    expect(audio.channels[0]).toHaveLength(samples.length);
    if (lossless) expect(audio.channels).toEqual([rounded(samples)]);
    else expect(signalToNoise(samples, audio.channels[0])).toBeGreaterThan(30);
    expect(audioSeconds(path)).toBe(samples.length / sampleRate);
  });

  it('has two channels', async () => {
    const path = place(`stereo.${extension}`);
    const left = music(rate);
    const right = left.map((sample, t) => 0.8 * sample * Math.sin(t / 3000));
    await write(
      path,
      Float32Array.from({ length: 2 * rate }, (_, i) => (i % 2 === 0 ? left : right)[i >> 1]),
      { channels: 2 },
    );
    const { channels } = await decodeAudioFile(path);
    expect(channels).toHaveLength(2);
    [left, right].forEach((samples, channel) => {
      expect(channels[channel]).toHaveLength(rate);
      if (lossless) expect(channels[channel]).toEqual(rounded(samples));
      else expect(signalToNoise(samples, channels[channel])).toBeGreaterThan(20);
    });
  });

  it('does not depend on the sizes of the pieces', async () => {
    const samples = music(50000);
    const [whole, pieces] = [place(`whole.${extension}`), place(`pieces.${extension}`)];
    await write(whole, samples, { lengths: [samples.length] });
    await write(pieces, samples, { lengths: [1, 7, 4096, 0, 333, 17000] });
    expect(readFileSync(pieces).equals(readFileSync(whole))).toBe(true);
  });

  it.each([1, 2, 576, 4096, 16000])('may be %i samples of silence', async (length) => {
    const path = place(`silence.${extension}`);
    await write(path, new Float32Array(length));
    const { channels } = await decodeAudioFile(path);
    expect(channels[0]).toHaveLength(length);
    expect(channels[0].every((sample) => Math.abs(sample) < 1e-4)).toBe(true);
  });

  it('names Fermata as its program, unless it is a recording', async () => {
    const [own, recording] = [place(`own.${extension}`), place(`recording.${extension}`)];
    await write(own, music(1000));
    await write(recording, music(1000), { isRecording: true });
    expect([isMarkedFile(own), isMarkedFile(recording)]).toEqual([true, false]);
    const [marked, plain] = await Promise.all([own, recording].map((path) => decodeAudioFile(path)));
    expect(marked).toEqual(plain);
    expect(audioSeconds(own)).toBe(audioSeconds(recording));
  });

  it('may have no samples', async () => {
    const path = place(`empty.${extension}`);
    await write(path, new Float32Array(0));
    expect(audioFormatByContents(readFileSync(path))).toBe(extension);
    expect(audioSeconds(path)).toBeLessThan(0.01);
  });

  it('is whole when it is closed early, even if some samples are not written yet', async () => {
    const path = place(`early.${extension}`);
    const samples = music(20000);
    const writer = await openAudioWriter(path, { rate });
    const writes = [writer.write(samples.subarray(0, 5000)), writer.write(samples.subarray(5000))];
    await writer.close();
    await writer.close();
    await Promise.all(writes);
    expect((await decodeAudioFile(path)).channels[0]).toHaveLength(20000);
    await expect(writer.write(samples)).rejects.toThrow('is closed');
    expect((await decodeAudioFile(path)).channels[0]).toHaveLength(20000);
  });

  it('replaces a longer one, and makes its folders', async () => {
    const path = join(folder, 'deep', extension, `take.${extension}`);
    await write(path, music(30000));
    await write(path, music(300));
    expect((await decodeAudioFile(path)).channels[0]).toHaveLength(300);
  });

  it('clips, and refuses NaN without harm', async () => {
    const path = place(`clipped.${extension}`);
    const writer = await openAudioWriter(path, { rate });
    const loud = Float32Array.from({ length: 16000 }, (_, t) => 1.5 * Math.sin(t / 50));
    await writer.write(loud.subarray(0, 9000));
    await expect(writer.write(Float32Array.of(0.5, NaN))).rejects.toThrow('sample 1 is NaN');
    await writer.write(loud.subarray(9000));
    await writer.close();
    const [samples] = (await decodeAudioFile(path)).channels;
    const clipped = loud.map((sample) => Math.max(-1, Math.min(0x7fff / 0x8000, sample)));
    expect(samples).toHaveLength(16000);
    if (lossless) expect(samples).toEqual(rounded(clipped));
    else expect(signalToNoise(clipped, samples)).toBeGreaterThan(20);
  });

  it('goes through a pipe', async () => {
    const path = place(`pipe.${extension}`);
    const options = extension === 'wav' ? [] : [extension];
    const bytes = execFileSync(process.execPath, [...fromSources, child, '-', '20000', ...options], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    writeFileSync(path, bytes);
    const [samples] = (await decodeAudioFile(path)).channels;
    // No header records the silence of MP3 here.
    const [from, most] = extension === 'mp3' ? [1105, 22000] : [0, 20000];
    expect(samples.length).toBeGreaterThanOrEqual(from + 20000);
    expect(samples.length).toBeLessThanOrEqual(most);
    const tone = Float32Array.from({ length: 20000 }, (_, t) => 0.5 * Math.sin(t / 10));
    expect(signalToNoise(tone, samples.subarray(from))).toBeGreaterThan(20);
  });
});

function audioFormatByContents(bytes: Buffer): string | undefined {
  const starts = { wav: 'RIFF', flac: 'fLaC', ogg: 'OggS', mp3: 'ID3' };
  const head = bytes.toString('latin1', 0, 4);
  return Object.entries(starts).find(([, start]) => head.startsWith(start))?.[0];
}

describe('a WAV file', () => {
  it('is the same as from writeWav', async () => {
    const samples = music(40000).map((sample) => 3 * sample);
    writeWav(place('whole.wav'), samples, rate);
    await write(place('pieces.wav'), samples, { lengths: [3, 20000, 50] });
    expect(readFileSync(place('pieces.wav')).equals(readFileSync(place('whole.wav')))).toBe(true);
  });

  it('is whole after every write', async () => {
    const samples = music(35000);
    const writer = await openAudioWriter(place('growing.wav'), { rate });
    for (const [from, to] of [
      [0, 10],
      [10, 2000],
      [2000, 35000],
    ]) {
      await writer.write(samples.subarray(from, to));
      const audio = await decodeAudioFile(place('growing.wav'));
      expect(audio.channels).toEqual([rounded(samples.subarray(0, to))]);
    }
    await writer.close();
  });

  it('is not longer than 4 GiB, unless it goes to a pipe', () => {
    const most = 0xffffffff - 64 - 3; // an even number of bytes
    const options = { name: 'take.wav', rate, channels: 1, marked: true } as const;
    const file = new WavEncoder({ ...options, seekable: true });
    Reflect.set(file, 'bytes', most - 4);
    file.encode(new Int16Array(2));
    expect(Buffer.from(file.header()).readUInt32LE(4)).toBe(0xffffffff - 3);
    expect(() => file.encode(new Int16Array(2))).toThrow(
      new UserError(
        'take.wav: a WAV file cannot be longer than 4 GiB.',
        'Write FLAC instead: end the name in .flac.',
      ),
    );
    expect(Buffer.from(file.header()).readUInt32LE(68)).toBe(most);
    const pipe = new WavEncoder({ ...options, seekable: false });
    Reflect.set(pipe, 'bytes', most);
    expect(pipe.encode(new Int16Array(2))).toHaveLength(4);
    expect(Buffer.from(pipe.header()).readUInt32LE(68)).toBe(0xffffffff);
  });
});

describe('openAudioWriter', () => {
  it.each([
    ['take.aiff', { rate }, 'Fermata cannot write .aiff files'],
    ['take.mp3', { rate: 16001 }, 'MP3 cannot have a sample rate of 16001 Hz, only 8000, 11025, 12000'],
    ['take.ogg', { rate: 200001 }, 'Ogg Vorbis cannot have a sample rate of 200001 Hz'],
    ['take.flac', { rate: 700000 }, 'FLAC cannot have a sample rate of 700000 Hz'],
    ['take.flac', { rate, format: 'wav' }, 'the name selects flac, but the format is set to wav'],
  ] as const)('refuses %s with %j, and leaves the file alone', async (name, options, message) => {
    writeFileSync(place(name), 'as it was');
    const error: unknown = await openAudioWriter(place(name), options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).problem).toContain(message);
    expect((error as UserError).problem.startsWith(`${place(name)}: `)).toBe(true);
    expect(readFileSync(place(name), 'utf8')).toBe('as it was');
  });

  it.each([0, -16000, 0.5, NaN])('refuses a sample rate of %d', async (sampleRate) => {
    await expect(openAudioWriter(place('rate.wav'), { rate: sampleRate })).rejects.toThrow(RangeError);
    expect(existsSync(place('rate.wav'))).toBe(false);
  });

  it('refuses half a frame', async () => {
    const writer = await openAudioWriter(place('half.wav'), { rate, channels: 2 });
    await expect(writer.write(new Float32Array(3))).rejects.toThrow('no whole frames of 2 channels');
    await writer.close();
  });

  it.each(writableExtensions)('names a place where .%s cannot be written', async (extension) => {
    mkdirSync(place(`folder.${extension}`), { recursive: true });
    await expect(openAudioWriter(place(`folder.${extension}`), { rate })).rejects.toThrow('this is a folder');
    writeFileSync(place('file'), '');
    await expect(openAudioWriter(place(`file/take.${extension}`), { rate })).rejects.toThrow(UserError);
  });
});
