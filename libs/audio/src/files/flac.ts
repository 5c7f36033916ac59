import { checkSampleRate, damaged, decodeBlocks, type ReadableFormat } from './format';
import type { SourceFile } from './source';

// The decoder loses a last frame of a few bytes, such as one of silence, unless others follow. Zeros keep the checksum
// at the end of the frame valid.
const trailer = new Uint8Array(64);

/** Free Lossless Audio Codec, decoded by libFLAC in WebAssembly. */
export const flac: ReadableFormat = {
  name: 'FLAC',
  recognises: (head) => head.toString('latin1', 0, 4) === 'fLaC',
  length(file) {
    const { samples, sampleRate } = readStreamInfo(file);
    // 0 means that the length was unknown when the stream was written: assumes a usual rate of compression.
    return samples > 0
      ? { seconds: samples / sampleRate, exact: true }
      : { seconds: file.size / 90e3, exact: false };
  },
  async *decode(file) {
    const { FLACDecoder } = await import('@wasm-audio-decoders/flac');
    const { bits } = readStreamInfo(file);
    for await (const block of decodeBlocks(file, new FLACDecoder(), trailer)) {
      yield { ...block, channels: block.channels.map((samples) => restoreIntegers(samples, bits)) };
    }
  },
};

// The decoder divides by the largest integer as full scale; WAV divides by the power of two above it. This rescales the
// samples, because lossless files must give exactly the same ones.
function restoreIntegers(samples: Float32Array, bits: number): Float32Array {
  const scale = 2 ** (bits - 1);
  return samples.map((sample) => Math.round(sample * (scale - 1)) / scale);
}

// The STREAMINFO block comes first. Among others it has 20 bits of sample rate, 3 of channels, 5 of sample size less
// one, and 36 of the number of samples.
function readStreamInfo(file: SourceFile): { samples: number; sampleRate: number; bits: number } {
  const head = file.read(0, 26);
  if (head.length < 26) throw damaged(file.path, 'the file ends within its header: it is truncated');
  const info = head.readBigUInt64BE(18);
  const sampleRate = Number(info >> 44n);
  checkSampleRate(file.path, sampleRate);
  return { samples: Number(info & 0xfffffffffn), sampleRate, bits: Number((info >> 36n) & 0x1fn) + 1 };
}
