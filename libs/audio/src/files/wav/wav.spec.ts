import { sound, temporaryFiles } from '../../testing/sounds';

const { samplesOf, problemOf } = temporaryFiles();

const pcm = sound('pcm16.wav'); // 16 kHz, stereo; its samples begin at 44
const start = 44;

/** The golden file with other bytes at some place. */
function changed(at: number, ...bytes: number[]): Buffer {
  const copy = Buffer.from(pcm);
  copy.set(bytes, at);
  return copy;
}

const uint32 = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];
const uint16 = (value: number) => [value & 255, value >> 8];
const samples = () => samplesOf(pcm);

describe('the length in a WAV header', () => {
  const there = pcm.length - start;

  it.each([2, 44, 1000])('may promise %d bytes more than there are', async (extra) => {
    expect(await samplesOf(changed(40, ...uint32(there + extra)))).toEqual(await samples());
  });

  it('is refused where more is missing', async () => {
    expect(await problemOf(changed(40, ...uint32(there + 6400)))).toBe(
      'the file ends after 0.1 of 0.2 s: it is truncated.',
    );
  });

  it.each([0, 0xffffffff, 0xfffff000, 0x7fffffff, 0x7ffff000])(
    'of %d stands for an unknown one',
    async (length) => {
      expect(await samplesOf(changed(40, ...uint32(length)))).toEqual(await samples());
    },
  );

  it('of 0 is true where another chunk follows', async () => {
    const empty = Buffer.concat([
      changed(40, ...uint32(0)).subarray(0, start),
      Buffer.from('LIST\x04\0\0\0abcd'),
    ]);
    expect(await problemOf(empty)).toBe('there are no samples in the file.');
  });

  it('may be wrong by half a sample', async () => {
    expect(await samplesOf(changed(40, ...uint32(there - 1)))).toEqual((await samples()).subarray(0, -1));
  });
});

describe('the chunks of a WAV file', () => {
  const chunk = (id: string, contents: string) =>
    Buffer.concat([Buffer.from(id), Buffer.from(uint32(contents.length)), Buffer.from(contents)]);
  const withChunk = (...chunks: Buffer[]) =>
    Buffer.concat([pcm.subarray(0, 36), ...chunks, pcm.subarray(36)]);

  it('of odd length are followed by a byte', async () => {
    expect(await samplesOf(withChunk(chunk('note', 'odd'), Buffer.alloc(1)))).toEqual(await samples());
  });

  it('of odd length may lack that byte', async () => {
    expect(await samplesOf(withChunk(chunk('note', 'odd')))).toEqual(await samples());
  });

  it('must have names of four letters', async () => {
    expect(await problemOf(withChunk(chunk('\0\0\0\0', 'abcd')))).toBe('its header is damaged.');
  });

  it('are read to their end alone, however many there are', async () => {
    const many = withChunk(...Array.from({ length: 20_000 }, () => chunk('note', '')));
    expect(await problemOf(many)).toBe('its header is damaged.');
  });

  it('say that a 64-bit length is cut off', async () => {
    const ds64 = Buffer.concat([Buffer.from('RF64\0\0\0\0WAVEds64'), Buffer.from(uint32(28))]);
    expect(await problemOf(ds64)).toBe('the file ends within its header: it is truncated.');
  });

  it('have 64-bit lengths in BW64 as in RF64', async () => {
    const sizes = Buffer.alloc(28);
    sizes.writeBigUInt64LE(BigInt(pcm.length - start), 8);
    const ds64 = Buffer.concat([Buffer.from('ds64'), Buffer.from(uint32(28)), sizes]);
    const rest = changed(40, ...uint32(0xffffffff)).subarray(12);
    const file = Buffer.concat([Buffer.from('BW64\xff\xff\xff\xffWAVE', 'latin1'), ds64, rest]);
    expect(await samplesOf(file)).toEqual(await samples());
  });
});

describe('the samples of a WAV file', () => {
  /** The golden samples, each 16 bits at the top of four bytes, as `bits` of them. */
  const inFourBytes = (bits: number) => {
    const data = Buffer.alloc(2 * (pcm.length - start));
    for (let at = start; at < pcm.length; at += 2) pcm.copy(data, 2 * (at - start) + 2, at, at + 2);
    const header = changed(32, ...uint16(8), ...uint16(bits)).subarray(0, start);
    header.writeUInt32LE(data.length, 40);
    return Buffer.concat([header, data]);
  };

  it.each([24, 20, 32])(
    'of %d bits fill four bytes from the top, where a frame of two has eight',
    async (bits) => {
      expect(await samplesOf(inFourBytes(bits))).toEqual(await samples());
    },
  );

  it('must fill the bytes that the header gives to a frame', async () => {
    expect(await problemOf(changed(32, ...uint16(3)))).toBe('its header has 3 bytes for 2 × 16 bits.');
    expect(await problemOf(changed(22, ...uint16(0)))).toBe('its header has no channels.');
    expect(await problemOf(changed(22, ...uint16(5000)))).toBe('its header has 5000 channels.');
  });

  it('have any whole number of hertz, in little memory', async () => {
    const before = process.memoryUsage().arrayBuffers;
    expect(await samplesOf(changed(24, ...uint32(767_999)))).toEqual(await samples());
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50e6);
  });
});
