import type { AudioBlock, ReadableFormat } from '../format';
import { blocksOf, type Source } from '../source';
import { readLayout } from './layout';

/** RIFF WAVE, RIFX, RF64 and BW64: integers of 8 to 32 bits, floats of 32 and 64 bits, plain or extensible. */
export const wav: ReadableFormat = {
  name: 'WAV',
  recognises: (head) => /^(RIFF|RIFX|RF64|BW64)....WAVE/s.test(head.toString('latin1', 0, 12)),
  length(source) {
    const { frames, sampleRate } = readLayout(source);
    return { seconds: frames / sampleRate, exact: true };
  },
  decode: decodeWav,
};

function* decodeWav(source: Source): Generator<AudioBlock> {
  const { channels, sampleRate, bytesPerSample, float, littleEndian, start, frames } = readLayout(source);
  const bytesPerFrame = channels * bytesPerSample;
  const sampleAt = sampleReader(bytesPerSample, float, littleEndian);
  for (const bytes of blocksOf(source, start, start + frames * bytesPerFrame, 16384 * bytesPerFrame)) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    yield {
      channels: Array.from({ length: channels }, (_, channel) => {
        const samples = new Float32Array(Math.floor(bytes.length / bytesPerFrame));
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
function sampleReader(
  bytes: number,
  float: boolean,
  littleEndian: boolean,
): (view: DataView, at: number) => number {
  if (float) {
    return bytes === 4
      ? (view, at) => view.getFloat32(at, littleEndian)
      : (view, at) => view.getFloat64(at, littleEndian);
  }
  switch (bytes) {
    case 1:
      return (view, at) => (view.getUint8(at) - 128) / 0x80; // only 8-bit samples are unsigned
    case 2:
      return (view, at) => view.getInt16(at, littleEndian) / 0x8000;
    case 3:
      return littleEndian
        ? (view, at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 0x10000) / 0x800000
        : (view, at) => (view.getUint16(at + 1) + view.getInt8(at) * 0x10000) / 0x800000;
    default:
      return (view, at) => view.getInt32(at, littleEndian) / 0x80000000;
  }
}
