import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { openAudioWriter } from '.';
import { mono, sound, temporaryFiles } from '../testing/sounds';

const { folder, file } = temporaryFiles();
const rate = 16000;

/** A 32-bit float WAV file of one or two channels, `[time]` each. */
function floats(...channels: Float32Array[]): Buffer {
  const data = Buffer.alloc(4 * channels.length * channels[0].length);
  channels.forEach((samples, channel) => {
    samples.forEach((sample, t) => data.writeFloatLE(sample, 4 * (t * channels.length + channel)));
  });
  const header = Buffer.from(sound('float32.wav').subarray(0, 58)); // its samples begin at 58
  header.writeUInt16LE(channels.length, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt16LE(4 * channels.length, 32);
  header.writeUInt32LE(data.length, 54);
  return Buffer.concat([header, data]);
}

const sine = (amplitude: number, length = 8000) =>
  Float32Array.from({ length }, (_, t) => amplitude * Math.sin((2 * Math.PI * 440 * t) / rate));

async function notesOn(bytes: Buffer): Promise<string[]> {
  const notes: string[] = [];
  await mono(file(bytes), rate, { onNote: (note) => notes.push(note) });
  return notes;
}

describe('the level of a recording', () => {
  it('is said where samples rise beyond full scale', async () => {
    const share = sine(4).filter((sample) => Math.abs(sample) > 1).length / 8000;
    expect(await notesOn(floats(sine(4)))).toEqual([
      `its samples rise to 4.00 of full scale, 12.0 dB over: ${Number((100 * share).toPrecision(2))}% of them are cut off at full scale`,
    ]);
  });

  it('is said where peaks are flat at full scale', async () => {
    const clipped = sine(1.5).map((sample) => Math.max(-1, Math.min(1, sample)));
    const flat = clipped.filter((sample) => Math.abs(sample) === 1).length;
    const notes = await notesOn(floats(clipped));
    expect(notes).toHaveLength(1);
    const share =
      Number(/^([\d.]+)% of its samples are clipped: their peaks are flat$/.exec(notes[0])?.[1]) / 100;
    expect(Math.abs(share - flat / 8000)).toBeLessThan(0.01);
  });

  it.each([0.5, 0.999, 1])('goes without a word up to full scale (%d)', async (amplitude) => {
    expect(await notesOn(floats(sine(amplitude)))).toEqual([]);
  });

  it('is that of the mean of the channels, which may be silent apart', async () => {
    const samples = await mono(file(floats(sine(0.5), new Float32Array(8000))));
    expect(Math.max(...samples)).toBeCloseTo(0.25, 3);
  });
});

describe('channels in antiphase', () => {
  it('are no silence: the first is read, and this is said', async () => {
    const bytes = floats(sine(0.5), sine(-0.5));
    expect(await notesOn(bytes)).toEqual([
      'its channels cancel each other out (antiphase): the first channel is used',
    ]);
    expect(await mono(file(bytes))).toEqual(sine(0.5));
  });

  it('may differ by noise', async () => {
    const noisy = sine(-0.5).map((sample, t) => sample + 1e-3 * Math.sin(t * t));
    expect(await notesOn(floats(sine(0.5), noisy))).toHaveLength(1);
  });

  it('are those of whole recordings, not of a few seconds', async () => {
    const silent = new Float32Array(8000);
    const left = Float32Array.from([...sine(0.5), ...sine(0.5)]);
    const right = Float32Array.from([...sine(-0.5), ...silent]);
    expect(await notesOn(floats(left, right))).toEqual([]);
  });
});

describe('a FLAC file', () => {
  const block = (head: number, contents: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(contents.length);
    length[0] = head;
    return Buffer.concat([length, contents]);
  };
  let flac: Buffer;
  let expected: Float32Array;
  beforeAll(async () => {
    const path = join(folder, 'music.flac');
    const writer = await openAudioWriter(path, { rate });
    await writer.write(sine(0.5));
    await writer.close();
    flac = readFileSync(path);
    expected = await mono(path);
  });

  it('may have tags and zeros at both ends', async () => {
    const head = Buffer.from([...Buffer.from('ID3'), 3, 0, 0, 0, 0, 1, 0]);
    const tag = Buffer.concat([head, Buffer.alloc(128, 0xff)]);
    const last = Buffer.concat([Buffer.from('TAG'), Buffer.alloc(125, 0x20)]);
    const bytes = Buffer.concat([tag, tag, flac, last, Buffer.alloc(5000)]);
    expect(await mono(file(bytes))).toEqual(expected);
  });

  it('may have a picture that looks like music', async () => {
    const info = 4 + 4 + 34; // the end of STREAMINFO
    const frame = flac.subarray(flac.indexOf(Buffer.from([0xff, 0xf8]), info));
    const picture = block(6, Buffer.concat([frame, frame.subarray(0, 20_000), Buffer.alloc(9000, 0xf8)]));
    const bytes = Buffer.concat([flac.subarray(0, info), picture, flac.subarray(info)]);
    bytes[4] &= 0x7f; // STREAMINFO is not the last block
    expect(await mono(file(bytes))).toEqual(expected);
  });
});
