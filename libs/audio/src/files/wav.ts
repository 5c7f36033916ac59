import { checkSampleRate, damaged, unsupported, type AudioBlock, type ReadableFormat } from './format';
import type { SourceFile } from './source';

/** RIFF WAVE (and RF64): 8, 16, 24 and 32-bit integers, 32 and 64-bit floats, plain or extensible. */
export const wav: ReadableFormat = {
  name: 'WAV',
  recognises: (head) => /^(RIFF|RF64)....WAVE/s.test(head.toString('latin1', 0, 12)),
  length(file) {
    const { frames, sampleRate } = readLayout(file);
    return { seconds: frames / sampleRate, exact: true };
  },
  decode: decodeWav,
};

interface WavLayout {
  readonly channels: number;
  readonly sampleRate: number;
  readonly bytesPerSample: number;
  readonly float: boolean;
  readonly start: number;
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
  0x50: 'MPEG',
  0x55: 'MP3',
};
// Programs that write to a pipe cannot know the length, and store a number near one of these.
const unknownLength = 0x7ffff000;

/** Finds the format and the samples among the chunks of the file. */
function readLayout(file: SourceFile): WavLayout {
  let format: Buffer | undefined;
  let longSize: number | undefined; // from RF64
  for (let position = 12; position + 8 <= file.size;) {
    const chunk = file.read(position, 8);
    const id = chunk.toString('latin1', 0, 4);
    const size = chunk.readUInt32LE(4);
    if (id === 'ds64') longSize = Number(file.read(position + 16, 8).readBigUInt64LE());
    if (id === 'fmt ') format = file.read(position + 8, size);
    if (id === 'data') {
      if (format === undefined) throw damaged(file.path, 'its samples come before their format');
      return layoutOf(
        file,
        format,
        position + 8,
        size === 0xffffffff && longSize !== undefined ? longSize : size,
      );
    }
    position += 8 + size + (size % 2);
  }
  throw damaged(file.path, 'the file ends before its samples begin: it is truncated');
}

function layoutOf(file: SourceFile, format: Buffer, start: number, declared: number): WavLayout {
  if (format.length < 16) throw damaged(file.path, 'its header is too short');
  const tag = format.readUInt16LE(0);
  // An extensible header has the real tag at the beginning of a GUID.
  const codec = tag === extensible && format.length >= 26 ? format.readUInt16LE(24) : tag;
  const channels = format.readUInt16LE(2);
  const sampleRate = format.readUInt32LE(4);
  const bits = format.readUInt16LE(14);
  const float = codec === ieeeFloat;
  if (!(float ? [32, 64] : codec === pcm ? [8, 16, 24, 32] : []).includes(bits)) {
    throw unsupported(
      file.path,
      `WAV with ${bits}-bit ${codecs[codec] ?? (float ? 'float' : codec === pcm ? 'PCM' : `codec ${codec}`)}`,
    );
  }
  checkSampleRate(file.path, sampleRate);
  if (channels === 0) throw damaged(file.path, 'its header has no channels');

  const bytesPerFrame = (channels * bits) / 8;
  const there = file.size - start;
  if (declared > there && declared < unknownLength) {
    const seconds = (bytes: number) => (bytes / bytesPerFrame / sampleRate).toFixed(1);
    throw damaged(
      file.path,
      `the file ends after ${seconds(there)} of ${seconds(declared)} s: it is truncated`,
    );
  }
  const frames = Math.floor(Math.min(declared, there) / bytesPerFrame);
  return { channels, sampleRate, bytesPerSample: bits / 8, float, start, frames };
}

function* decodeWav(file: SourceFile): Generator<AudioBlock> {
  const { channels, sampleRate, bytesPerSample, float, start, frames } = readLayout(file);
  const bytesPerFrame = channels * bytesPerSample;
  const sampleAt = sampleReader(bytesPerSample, float);
  for (const bytes of file.blocks(start, start + frames * bytesPerFrame, 16384 * bytesPerFrame)) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    yield {
      channels: Array.from({ length: channels }, (_, channel) => {
        const samples = new Float32Array(bytes.length / bytesPerFrame);
        for (let t = 0, at = channel * bytesPerSample; t < samples.length; t++, at += bytesPerFrame) {
          samples[t] = sampleAt(view, at);
        }
        return samples;
      }),
      sampleRate,
    };
  }
}

/** Reads the sample at an offset; integers are scaled so that the most negative one is −1. */
function sampleReader(bytes: number, float: boolean): (view: DataView, at: number) => number {
  if (float)
    return bytes === 4 ? (view, at) => view.getFloat32(at, true) : (view, at) => view.getFloat64(at, true);
  switch (bytes) {
    case 1:
      return (view, at) => (view.getUint8(at) - 128) / 0x80; // only 8-bit samples are unsigned
    case 2:
      return (view, at) => view.getInt16(at, true) / 0x8000;
    case 3:
      return (view, at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 0x10000) / 0x800000;
    default:
      return (view, at) => view.getInt32(at, true) / 0x80000000;
  }
}
