import { audioSeconds } from '..';
import { signalToNoise } from '../../testing/music';
import { sound, temporaryFiles } from '../../testing/sounds';
import { frameRuns } from './frames';
import { partOf } from '../source';

const { file, samplesOf, problemOf } = temporaryFiles();

// With a Xing header, which leaves the padding out; and without.
const lame = sound('lame.mp3');
const plain = sound('no-xing.mp3');

const tag = (length: number) => {
  const head = Buffer.from([...Buffer.from('ID3'), 3, 0, 0, 0, 0, length >> 7, length & 127]);
  return Buffer.concat([head, Buffer.alloc(length, 0xff)]);
};
const id3v1 = Buffer.concat([Buffer.from('TAG'), Buffer.alloc(125, 0x20)]);
const apev2 = () => {
  const footer = Buffer.alloc(32);
  footer.write('APETAGEX', 'latin1');
  footer.writeUInt32LE(2000, 8);
  footer.writeUInt32LE(132, 12);
  return Buffer.concat([Buffer.alloc(100, 0xff), footer]);
};
const lyrics = Buffer.concat([Buffer.alloc(50, 0x41), Buffer.from('000050LYRICS200')]);

describe('an MP3 file', () => {
  it.each<[string, Buffer]>([
    ['two tags before the music', Buffer.concat([tag(20), tag(5000), lame])],
    ['zeros before the music', Buffer.concat([Buffer.alloc(1000), lame])],
    ['zeros between a tag and the music', Buffer.concat([tag(20), Buffer.alloc(3000), lame])],
    ['other bytes before the music', Buffer.concat([Buffer.alloc(3000, 0x55), lame])],
    ['a tag behind the music', Buffer.concat([lame, id3v1])],
    ['tags of four kinds behind the music', Buffer.concat([lame, tag(50), lyrics, apev2(), id3v1, id3v1])],
    ['zeros behind the music', Buffer.concat([lame, Buffer.alloc(5000)])],
    ['other bytes behind the music', Buffer.concat([lame, Buffer.alloc(5000, 0x55)])],
  ])('may have %s', async (_, bytes) => {
    expect(await samplesOf(bytes)).toEqual(await samplesOf(lame));
    expect(audioSeconds(file(bytes))).toBeCloseTo(audioSeconds(file(lame)), 3);
  });

  it('may begin within a frame, as recorders of streams cut', async () => {
    const whole = await samplesOf(plain);
    const cut = await samplesOf(plain.subarray(500));
    const frames = (samples: Float32Array) => samples.length / 1152;
    expect(frames(whole) - frames(cut)).toBe(2); // the frame that is cut, and the one that prepares the decoder
    const end = whole.subarray(-1000);
    expect(signalToNoise(end, cut.subarray(-1000))).toBeGreaterThan(60);
  });

  it('may be two files, one behind the other', async () => {
    const [once, twice] = [await samplesOf(plain), await samplesOf(Buffer.concat([plain, tag(300), plain]))];
    expect(twice.length).toBe(2 * once.length);
  });

  it('may not have more than a second of other bytes in its middle', async () => {
    const half = plain.length >> 1;
    const bytes = Buffer.concat([plain.subarray(0, half), Buffer.alloc(20_000, 0x55), plain.subarray(half)]);
    expect(await problemOf(bytes)).toMatch(/^the \d+ bytes from byte \d+ on are not MPEG audio\.$/);
  });

  it('with silence at both ends that is longer than its music has a length all the same', () => {
    const bytes = Buffer.from(lame);
    const at = bytes.indexOf('Info') + 141;
    expect(bytes.indexOf('Info')).toBeGreaterThan(0);
    bytes.writeUIntBE(0xffffff, at, 3);
    expect(audioSeconds(file(bytes))).toBeGreaterThan(0);
  });

  it('in free format is refused with a remedy', async () => {
    // Frames of 100 bytes: MPEG 1, layer III, bit rate 0, 44.1 kHz.
    const frame = Buffer.alloc(100);
    frame.set([0xff, 0xfb, 0x00, 0x00]);
    expect(await problemOf(Buffer.concat(Array.from({ length: 9 }, () => frame)))).toBe(
      'MP3 in free format is not supported.',
    );
  });

  it('of layer II is refused by its name', async () => {
    expect(await problemOf(Buffer.from([0xff, 0xfd, 0x90, 0x00, 1, 2, 3]))).toBe(
      'MPEG audio layer II (MP2) is not supported.',
    );
  });
});

describe('frameRuns', () => {
  it('finds the same frames however the file is read', () => {
    const bytes = Buffer.concat(Array.from({ length: 300 }, () => plain)); // more than two windows
    const source = {
      path: 'long.mp3',
      size: bytes.length,
      read: (at: number, n: number) => bytes.subarray(at, at + n),
    };
    const found = Buffer.concat([...frameRuns(source)].map((run) => run.bytes));
    const once = Buffer.concat([...frameRuns(partOf(source, 0, plain.length))].map((run) => run.bytes));
    expect(found).toEqual(Buffer.concat(Array.from({ length: 300 }, () => once)));
  });
});
