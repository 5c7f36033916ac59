import { audioSeconds, decodeAudioFile, openAudioWriter } from '..';
import { music } from '../../testing/music';
import { withChecksums } from '../../testing/oggChecksums';
import { sound, temporaryFiles } from '../../testing/sounds';
import { partOf } from '../source';
import { pagesOf, type OggPage } from './pages';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';

const { file, folder, samplesOf, problemOf } = temporaryFiles();
const vorbis = sound('vorbis.ogg');
const opus = sound('opus.ogg');

function pages(bytes: Buffer): OggPage[] {
  const source = {
    path: 'a.ogg',
    size: bytes.length,
    read: (at: number, n: number) => bytes.subarray(at, at + n),
  };
  return [...pagesOf(partOf(source, 0))];
}

/** The file with each page changed in place. */
function withPages(bytes: Buffer, change: (page: Buffer, index: number) => void): Buffer {
  const copies = pages(bytes).map((page) => Buffer.from(page.bytes));
  copies.forEach(change);
  return withChecksums(Buffer.concat(copies));
}

/** Music as Ogg Vorbis by Fermata's own writer. */
async function written(samples: Float32Array, rate: number): Promise<Buffer> {
  const path = join(folder, `written-${rate}.ogg`);
  const writer = await openAudioWriter(path, { rate });
  await writer.write(samples);
  await writer.close();
  return readFileSync(path);
}

describe('chained streams', () => {
  it('are decoded one behind the other, each with its own codebooks', async () => {
    const other = await written(music(8000), 16000);
    const mono = Buffer.concat([other, await written(music(5000), 16000), other]);
    const [first, second] = [await samplesOf(other), await samplesOf(await written(music(5000), 16000))];
    const joined = await samplesOf(mono);
    expect(joined).toEqual(Float32Array.from([...first, ...second, ...first]));
    expect(audioSeconds(file(mono))).toBeCloseTo(joined.length / 16000, 6);
  });

  it('of Opus likewise', async () => {
    const once = await samplesOf(opus);
    expect(await samplesOf(Buffer.concat([opus, opus]))).toEqual(Float32Array.from([...once, ...once]));
  });

  it.each([
    [
      'sample rates',
      async () => Buffer.concat([await written(music(8000), 16000), await written(music(8000), 22050)]),
    ],
    ['channels', async () => Buffer.concat([vorbis, await written(music(8000), 16000)])],
    ['codecs of different rates', () => Promise.resolve(Buffer.concat([vorbis, opus]))],
  ])('of different %s are refused', async (_, chain) => {
    expect(await problemOf(await chain())).toBe(
      'its sample rate or number of channels changes within the file.',
    );
  });
});

describe('the positions of pages', () => {
  it.each(['vorbis.ogg', 'opus.ogg'])('may begin at an hour (%s)', async (name) => {
    const late = withPages(sound(name), (page) => {
      const granule = page.readBigInt64LE(6);
      if (granule > 0n) page.writeBigInt64LE(granule + 48_000n * 3600n, 6);
    });
    expect(audioSeconds(file(late))).toBeLessThan(1);
    const [found, expected] = [await samplesOf(late), await samplesOf(sound(name))];
    // The padding of the last page stays where there is no page before it to count from.
    expect(found.subarray(0, expected.length)).toEqual(expected);
    expect(found.length - expected.length).toBeLessThan(2048);
  });

  it('end the music within the last page, even if it has no mark', async () => {
    const unmarked = withPages(vorbis, (page) => {
      page[5] &= ~4;
    });
    expect(await samplesOf(unmarked)).toEqual(await samplesOf(vorbis));
  });
});

describe('the pages of an Ogg file', () => {
  it.each(['vorbis.ogg', 'opus.ogg', 'flac.ogg'])(
    'are checked: no flipped bit is decoded (%s)',
    async (name) => {
      const bytes = sound(name);
      for (let bit = 300; bit < 8 * bytes.length; bit += 1013) {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3] ^= 1 << (bit & 7);
        expect(await problemOf(flipped)).toMatch(/damaged|not an Ogg page|truncated/);
      }
    },
  );

  it('must be there, every one', async () => {
    const long = pages(await written(music(200_000), 16000)).map((page) => page.bytes);
    expect(long.length).toBeGreaterThan(6);
    const without = Buffer.concat(long.filter((_, index) => index !== 4));
    expect(await problemOf(without)).toBe('its page 4 is missing: it is damaged.');
  });

  it('may be followed by zeros, and by nothing else', async () => {
    expect(await samplesOf(Buffer.concat([vorbis, Buffer.alloc(4000)]))).toEqual(await samplesOf(vorbis));
    expect(await problemOf(Buffer.concat([vorbis, Buffer.alloc(4000, 1)]))).toMatch(/are not an Ogg page/);
  });

  it('of other streams are left out', async () => {
    const skeleton = withPages(vorbis, (page, index) => {
      page.writeUInt32LE(7, 14);
      if (index === 0) page.write('fishead\0', page.length - 30, 'latin1');
    });
    const [head] = pages(skeleton);
    const both = Buffer.concat([head.bytes, vorbis]);
    expect(await samplesOf(both)).toEqual(await samplesOf(vorbis));
  });

  it('of Speex alone are refused by their name', async () => {
    const speex = withPages(vorbis, (page, index) => {
      if (index === 0) page.write('Speex   ', page.length - 30, 'latin1');
    });
    expect(await problemOf(speex)).toBe('Speex in an Ogg file is not supported.');
  });
});

describe('Opus', () => {
  it('is amplified as its header says', async () => {
    const louder = withPages(opus, (page, index) => {
      if (index === 0) page.writeInt16LE(256 * 6, page.length - 3); // 6 dB
    });
    const { channels } = await decodeAudioFile(file(louder));
    const [expected] = (await decodeAudioFile(file(opus))).channels;
    const factor = Math.fround(10 ** (6 / 20));
    channels[0].forEach((sample, t) => {
      expect(Math.abs(sample - factor * expected[t])).toBeLessThan(1e-6);
    });
  });
});
