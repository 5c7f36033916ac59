import { checkSampleRate, damaged } from '../format';
import { unsupported } from '../otherFormats';
import type { Source } from '../source';

/** The samples of a WAV file: their format and their place. */
export interface WavLayout {
  readonly channels: number;
  /** In Hz. */
  readonly sampleRate: number;
  /** Bytes of one sample of one channel. Integers of fewer bits fill them from the top. */
  readonly bytesPerSample: number;
  readonly float: boolean;
  readonly littleEndian: boolean;
  /** Position of the first sample. */
  readonly start: number;
  /** Number of samples of each channel. */
  readonly frames: number;
}

const pcm = 1;
const ieeeFloat = 3;
const extensible = 0xfffe;
const codecs: Readonly<Record<number, string | undefined>> = {
  0x02: 'Microsoft ADPCM',
  0x06: 'A-law',
  0x07: 'mu-law',
  0x11: 'IMA ADPCM',
  0x31: 'GSM 6.10',
  0x50: 'MPEG',
  0x55: 'MP3',
  0x2000: 'Dolby Digital (AC-3)',
};

const mostChannels = 64;

// Programs that write to a pipe cannot know the length, and store a number near 2^31 or 2^32.
const isUnknown = (length: number) => (length >= 0x7ffff000 && length < 0x80000000) || length >= 0xfffff000;
const longLength = 0xffffffff; // the length is in the chunk ds64

// More are no recording, but would take long to read.
const mostChunks = 10_000;

// Bytes by which the header may promise more than there is: programs count the header with it, or pad it.
const tolerance = 1024;

/**
 * Finds the format and the samples among the chunks of a file: RIFF, RIFX (big-endian), and RF64 and BW64, whose lengths
 * have 64 bits.
 *
 * @throws UserError if the file is damaged, truncated, or in a codec other than PCM
 */
export function readLayout(source: Source): WavLayout {
  const littleEndian = source.read(0, 4).toString('latin1') !== 'RIFX';
  const number = (bytes: Buffer, at: number) =>
    littleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  let format: Format | undefined;
  let long: number | undefined;
  for (let position = 12, chunks = 0; position + 8 <= source.size; chunks++) {
    const chunk = source.read(position, 8);
    const id = chunk.toString('latin1', 0, 4);
    if (chunks === mostChunks || !isChunk(id)) throw damaged(source.path, 'its header is damaged');
    const size = number(chunk, 4);
    const contents = position + 8;
    if (id === 'ds64') long = readLongLength(source, contents);
    if (id === 'fmt ') {
      if (contents + Math.min(size, 16) > source.size) break;
      format = readFormat(source.path, source.read(contents, Math.min(size, 64)), littleEndian);
    }
    if (id === 'data') {
      if (format === undefined) throw damaged(source.path, 'its samples come before their format');
      const declared = size === longLength ? long : isUnknown(size) ? undefined : size;
      return {
        ...format,
        littleEndian,
        start: contents,
        frames: countFrames(source, format, contents, declared),
      };
    }
    position = nextChunk(source, contents + size);
  }
  throw damaged(source.path, 'the file ends before its samples begin: it is truncated');
}

// A byte follows chunks of odd length. Some programs forget it.
function nextChunk(source: Source, end: number): number {
  if (end % 2 === 0) return end;
  return isChunk(idAt(source, end)) && !isChunk(idAt(source, end + 1)) ? end : end + 1;
}

function isChunk(id: string): boolean {
  return /^[ -~]{4}$/.test(id);
}

function idAt(source: Source, position: number): string {
  return source.read(position, 4).toString('latin1');
}

function readLongLength(source: Source, position: number): number {
  const lengths = source.read(position, 16);
  if (lengths.length < 16) throw damaged(source.path, 'the file ends within its header: it is truncated');
  return Number(lengths.readBigUInt64LE(8));
}

type Format = Pick<WavLayout, 'channels' | 'sampleRate' | 'bytesPerSample' | 'float'>;

function readFormat(path: string, bytes: Buffer, littleEndian: boolean): Format {
  if (bytes.length < 16) throw damaged(path, 'its header is too short');
  const short = (at: number) => (littleEndian ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const tag = short(0);
  // An extensible header has the real tag at the beginning of a GUID.
  const codec = tag === extensible && bytes.length >= 26 ? short(24) : tag;
  const channels = short(2);
  const sampleRate = littleEndian ? bytes.readUInt32LE(4) : bytes.readUInt32BE(4);
  const bytesPerFrame = short(12);
  const bits = short(14);
  const float = codec === ieeeFloat;
  if (float ? bits !== 32 && bits !== 64 : codec !== pcm || bits < 1 || bits > 32) {
    const name = codecs[codec] ?? (float ? 'float' : codec === pcm ? 'PCM' : `codec ${codec}`);
    throw unsupported(path, `WAV with ${bits}-bit ${name}`);
  }
  checkSampleRate(path, sampleRate);
  if (channels === 0) throw damaged(path, 'its header has no channels');
  if (channels > mostChannels) throw damaged(path, `its header has ${channels} channels`);
  const bytesPerSample = sampleBytes(bits, bytesPerFrame / channels, float);
  if (bytesPerSample === undefined) {
    throw damaged(path, `its header has ${bytesPerFrame} bytes for ${channels} × ${bits} bits`);
  }
  return { channels, sampleRate, bytesPerSample, float };
}

/**
 * Bytes of a sample: as many as its bits need, or more where the header says so (24 bits in four bytes). Some programs
 * leave the bytes of a frame at 0.
 */
function sampleBytes(bits: number, declared: number, float: boolean): number | undefined {
  const needed = Math.ceil(bits / 8);
  if (declared === 0 || declared === needed) return needed;
  return !float && declared > needed && declared <= 4 ? declared : undefined;
}

/** @param declared bytes of samples by the header; undefined where it cannot know them */
function countFrames(source: Source, format: Format, start: number, declared: number | undefined): number {
  const { channels, sampleRate, bytesPerSample } = format;
  const bytesPerFrame = channels * bytesPerSample;
  const there = source.size - start;
  // A recording that was never closed has the length 0; but other chunks may follow no samples at all.
  const isOpen = declared === undefined || (declared === 0 && !isChunk(idAt(source, start)));
  const length = isOpen ? there : declared;
  if (length - there > tolerance) {
    const seconds = (bytes: number) => (bytes / bytesPerFrame / sampleRate).toFixed(1);
    throw damaged(
      source.path,
      `the file ends after ${seconds(there)} of ${seconds(length)} s: it is truncated`,
    );
  }
  return Math.floor(Math.min(length, there) / bytesPerFrame);
}
