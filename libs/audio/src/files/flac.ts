import { checkSampleRate, damaged, decodeBlocks, type ReadableFormat } from './format';
import type { SourceFile } from './source';

// The decoder loses a last frame of a few bytes, as one of silence has, unless others follow it. Zeros keep the checksum
// at the end of the frame right.
const trailer = new Uint8Array(64);

/** Free Lossless Audio Codec, decoded by libFLAC in WebAssembly. */
export const flac: ReadableFormat = {
  name: 'FLAC',
  recognises: (head) => head.toString('latin1', 0, 4) === 'fLaC',
  length(file) {
    const { samples, sampleRate } = readStreamInfo(file);
    // 0 stands for a stream whose length was not known when it was written: take a usual rate of compression.
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

// The decoder divides by the largest integer, as if full scale were that; a WAV file of the same audio is divided by the
// power of two above it. Lossless files are to give the very same samples.
function restoreIntegers(samples: Float32Array, bits: number): Float32Array {
  const scale = 2 ** (bits - 1);
  return samples.map((sample) => Math.round(sample * (scale - 1)) / scale);
}

// The STREAMINFO block comes first: among others 20 bits of sample rate, 3 of channels, 5 of sample size less one, 36 of
// the number of samples.
function readStreamInfo(file: SourceFile): { samples: number; sampleRate: number; bits: number } {
  const head = file.read(0, 26);
  if (head.length < 26) throw damaged(file.path, 'the file ends within its header: it is truncated');
  const info = head.readBigUInt64BE(18);
  const sampleRate = Number(info >> 44n);
  checkSampleRate(file.path, sampleRate);
  return { samples: Number(info & 0xfffffffffn), sampleRate, bits: Number((info >> 36n) & 0x1fn) + 1 };
}
