import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { UserError } from '@fermata/core';

import { audioSeconds, concatenate, decodeAudioFile, encodeWav, monoBlocks, resample, writeWav } from '.';

interface Golden {
  sampleRate: number;
  channels: string[];
}

const goldens = join(__dirname, '../../../../tools/goldens/audio');
const sound = (name: string) => join(goldens, 'sounds', name);
const decoded = JSON.parse(readFileSync(join(goldens, 'decoded.json'), 'utf8')) as Record<string, Golden>;
const floats = (base64: string) => new Float32Array(new Uint8Array(Buffer.from(base64, 'base64')).buffer);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'decode-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The whole of a recording, as a model hears it. */
async function mono(path: string, sampleRate = 16000, options = {}): Promise<Float32Array> {
  const blocks: Float32Array[] = [];
  for await (const block of monoBlocks(path, sampleRate, options)) blocks.push(block);
  return concatenate(blocks);
}

/** Writes a file and returns its path. */
function file(name: string, contents: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
}

describe.each(Object.entries(decoded))('%s', (name, { sampleRate, channels }) => {
  // Decoders of lossy formats may round differently; others may not.
  const tolerance = /mp3|vorbis|opus/.test(name) ? 2e-4 : 1e-7;

  it('is decoded like in SoX and FFmpeg', async () => {
    const audio = await decodeAudioFile(sound(name));
    expect(audio.sampleRate).toBe(sampleRate);
    expect(audio.channels).toHaveLength(channels.length);
    channels.forEach((golden, channel) => {
      const expected = floats(golden);
      expect(audio.channels[channel]).toHaveLength(expected.length);
      const worst = expected.reduce(
        (most, x, t) => Math.max(most, Math.abs(x - audio.channels[channel][t])),
        0,
      );
      expect(worst).toBeLessThan(tolerance);
    });
  });

  it('has its length read without decoding', () => {
    expect(Math.abs(audioSeconds(sound(name)) - floats(channels[0]).length / sampleRate)).toBeLessThan(0.15);
  });

  it('is recognised by its contents', async () => {
    const misnamed = file('misnamed.txt', readFileSync(sound(name)));
    expect((await decodeAudioFile(misnamed)).sampleRate).toBe(sampleRate);
  });
});

describe('decodeAudioFile', () => {
  it('keeps floats beyond full scale', async () => {
    const bytes = readFileSync(sound('float32.wav')); // its samples begin at 58
    bytes.writeFloatLE(1.5, 58);
    bytes.writeFloatLE(-1.25, 58 + 8);
    const { channels } = await decodeAudioFile(file('loud.wav', bytes));
    expect(channels[0].subarray(0, 2)).toEqual(Float32Array.of(1.5, -1.25));
  });

  it('understands the 64-bit lengths of RF64', async () => {
    const plain = readFileSync(sound('pcm16.wav')); // its samples begin at 44
    const ds64 = Buffer.alloc(36);
    ds64.write('ds64', 0, 'latin1');
    ds64.writeUInt32LE(28, 4);
    const list = Buffer.from('LIST\x04\0\0\0abcd', 'latin1'); // after the samples, but not part of the samples
    const bytes = Buffer.concat([plain.subarray(0, 12), ds64, plain.subarray(12), list]);
    bytes.write('RF64', 0, 'latin1');
    bytes.writeUInt32LE(0xffffffff, 4);
    bytes.writeBigUInt64LE(BigInt(bytes.length - 8), 20);
    bytes.writeBigUInt64LE(BigInt(plain.length - 44), 28);
    bytes.writeUInt32LE(0xffffffff, 40 + ds64.length);
    const { channels } = await decodeAudioFile(file('long.wav', bytes));
    expect(channels).toEqual(decoded['pcm16.wav'].channels.map(floats));
  });
});

describe('monoBlocks', () => {
  it('takes the mean of the channels', async () => {
    const [left, right] = decoded['pcm16.wav'].channels.map(floats);
    const waveform = await mono(sound('pcm16.wav'));
    expect(waveform).toEqual(left.map((sample, t) => Math.fround(sample + right[t]) / 2));
  });

  it('resamples, block by block', async () => {
    const samples = Float32Array.from(
      { length: 100000 },
      (_, t) => Math.round(2e4 * Math.sin(t / 20)) / 0x8000,
    );
    const path = join(folder, 'long.wav');
    writeWav(path, samples, 44100);
    expect(await mono(path)).toEqual(resample(samples, 44100, 16000));
    expect(await mono(path, 8000)).toEqual(resample(samples, 44100, 8000));
  });

  it('accepts audio above -80 dBFS, and nothing softer', async () => {
    const path = join(folder, 'soft.wav');
    const write = (peak: number) => {
      writeWav(
        path,
        Float32Array.from({ length: 1600 }, (_, t) => peak * Math.sin(t / 5)),
        16000,
      );
    };
    write(2e-4);
    expect(await mono(path)).toHaveLength(1600);
    write(9e-5);
    await expect(mono(path)).rejects.toThrow('nothing rises above -80 dBFS');
  });

  it('stops when the signal is aborted', async () => {
    await expect(mono(sound('pcm16.wav'), 16000, { signal: AbortSignal.abort() })).rejects.toThrow('abort');
  });
});

describe('a recording of months', () => {
  it('is refused by its header', () => {
    const bytes = readFileSync(sound('flac16.flac'));
    // 36 bits of the number of samples, all set.
    bytes[21] |= 0x0f;
    bytes.fill(0xff, 22, 26);
    expect(() => audioSeconds(file('months.flac', bytes))).toThrow(
      'months.flac: the recording lasts 1193 hours, more than 12. Divide it into shorter files.',
    );
  });
});

describe('encodeWav', () => {
  it('writes the bytes that SoX writes, for a recording', () => {
    const [samples] = decoded['mono16.wav'].channels.map(floats);
    expect(Buffer.from(encodeWav(samples, 16000, { isRecording: true }))).toEqual(
      readFileSync(sound('mono16.wav')),
    );
  });

  it('clips, rounds and refuses NaN', () => {
    const view = Buffer.from(encodeWav(Float32Array.of(2, -2, 1.6 / 0x8000), 16000, { isRecording: true }));
    expect([44, 46, 48].map((at) => view.readInt16LE(at))).toEqual([32767, -32768, 2]);
    expect(() => encodeWav(Float32Array.of(NaN), 16000)).toThrow('sample 0 is NaN');
  });
});

describe('a bad file', () => {
  const pcm = readFileSync(sound('pcm16.wav'));
  const withFloats = (...values: number[]) => {
    const bytes = readFileSync(sound('float32.wav')); // its samples begin at 58
    values.forEach((value, index) => bytes.writeFloatLE(value, 58 + 8 * index));
    return bytes;
  };
  const withFloatAt = (frame: number, value: number) => {
    const bytes = Buffer.concat([withFloats().subarray(0, 58), Buffer.alloc(8 * (frame + 1))]);
    bytes.writeUInt32LE(bytes.length - 58, 54);
    bytes.writeFloatLE(value, 58 + 8 * frame);
    return bytes;
  };
  const withLength = (length: number) => {
    const bytes = Buffer.from(pcm.subarray(0, 44));
    bytes.writeUInt32LE(length, 40);
    return bytes;
  };
  const withRate = (sampleRate: number) => {
    const bytes = Buffer.from(pcm);
    bytes.writeUInt32LE(sampleRate, 24);
    return bytes;
  };
  const cut = (name: string, share: number) => {
    const bytes = readFileSync(sound(name));
    return bytes.subarray(0, Math.floor(share * bytes.length));
  };

  it.each<[string, Uint8Array | string | undefined, string]>([
    ['that is missing', undefined, 'there is no such file or folder'],
    ['that is empty', '', 'the file is empty'],
    ['of text', 'RIFF is what a WAV file begins with', 'this is a text file, not audio'],
    ['that is a pointer', 'version https://git-lfs.github.com/spec/v1\n', 'this is a pointer of Git LFS'],
    ['of zeros', new Uint8Array(300_000), 'this is not an audio file'],
    ['of other bytes', Uint8Array.of(1, 2, 3, 0, 255), 'this is not an audio file'],
    ['cut off in its header', pcm.subarray(0, 30), 'the file ends before its samples begin: it is truncated'],
    ['cut off in its samples', pcm.subarray(0, 3244), 'the file ends after 0.1 of 0.1 s: it is truncated'],
    ['without samples', withLength(0), 'there are no samples in the file'],
    ['of no sample rate', withRate(0), 'a sample rate of 0 Hz'],
    ['of an absurd sample rate', withRate(0xffffffff), 'a sample rate of 4294967295 Hz'],
    ['with NaN', withFloats(NaN), 'a sample is not a number (NaN), at 0.00 s of channel 1'],
    ['with NaN later on', withFloatAt(24000, NaN), 'a sample is not a number (NaN), at 1.50 s of channel 1'],
    ['with infinity', withFloats(0, -Infinity), 'a sample is -Infinity'],
    ['of integers as floats', withFloats(32767), 'full scale is 1'],
    ['of silence', encodeWav(new Float32Array(16000), 16000), 'the recording is silent'],
    ['of A-law', readFileSync(sound('alaw.wav')), 'WAV with 8-bit A-law is not supported'],
    ['of AAC', readFileSync(sound('aac.m4a')), 'MPEG-4 audio (M4A, AAC) is not supported'],
    ['of FLAC cut off', cut('flac24.flac', 0.6), 'it is truncated'],
    ['of FLAC cut off in its header', cut('flac24.flac', 0.005), 'it is truncated'],
    ['of Ogg cut off', cut('vorbis.ogg', 0.9), 'it is truncated'],
    ['of Ogg cut off in its header', cut('vorbis.ogg', 0.01), 'it is truncated'],
    ['with an MP3 tag alone', cut('lame.mp3', 0.01), 'there are tags and no audio in the file'],
  ])('%s gets one line with its name and the remedy', async (_, contents, message) => {
    const path = contents === undefined ? join(folder, 'missing.wav') : file('bad.wav', contents);
    const error: unknown = await mono(path).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    const { problem, remedy } = error as UserError;
    expect(problem).toContain(message);
    expect(problem.startsWith(`${path}: `)).toBe(true);
    expect(remedy).not.toBe('');
    expect(`${problem}${remedy}`).not.toContain('\n');
  });

  it('may have no length, as from programs that write to a pipe', async () => {
    const bytes = Buffer.from(pcm);
    bytes.writeUInt32LE(0xffffffff, 40);
    expect((await decodeAudioFile(file('pipe.wav', bytes))).channels[0]).toHaveLength(1600);
  });
});
