import { checkSampleRate, damaged, decodeWith, type AudioBlock, type ReadableFormat } from './format';
import { blocksOf } from './source';
import { withoutTrailingTags } from './tags';

// The decoder loses a last frame of a few bytes, such as one of silence, unless others follow. Zeros keep the checksum
// at the end of the frame valid.
const trailer = new Uint8Array(64);

/** Free Lossless Audio Codec, decoded by libFLAC in WebAssembly. */
export const flac: ReadableFormat = {
  name: 'FLAC',
  recognises: (head) => head.toString('latin1', 0, 4) === 'fLaC',
  length(source) {
    const { samples, sampleRate } = readStreamInfo(source.read(0, streamInfoBytes), source.path);
    // 0 means that the length was unknown when the stream was written: assumes a usual rate of compression.
    return samples > 0
      ? { seconds: samples / sampleRate, exact: true }
      : { seconds: source.size / 90e3, exact: false };
  },
  async *decode(source) {
    const { bits } = readStreamInfo(source.read(0, streamInfoBytes), source.path);
    yield* decodeFlac(blocksOf(withoutTrailingTags(source)), bits, source.path);
  },
};

/**
 * Decodes a FLAC file.
 *
 * @param bytes its bytes, piece by piece
 * @param bits of each sample
 * @param path the file, for errors
 */
export async function* decodeFlac(
  bytes: Iterable<Uint8Array>,
  bits: number,
  path: string,
): AsyncGenerator<AudioBlock> {
  const { FLACDecoder } = await import('@wasm-audio-decoders/flac');
  for await (const block of decodeWith(new FLACDecoder(), followedBy(bytes, trailer), path)) {
    yield { ...block, channels: block.channels.map((samples) => restoreIntegers(samples, bits)) };
  }
}

function* followedBy(bytes: Iterable<Uint8Array>, last: Uint8Array): Generator<Uint8Array> {
  yield* bytes;
  yield last;
}

// The decoder divides by the largest integer as full scale; WAV divides by the power of two above it. This rescales the
// samples, because lossless files must give exactly the same ones.
function restoreIntegers(samples: Float32Array, bits: number): Float32Array {
  const scale = 2 ** (bits - 1);
  return samples.map((sample) => Math.round(sample * (scale - 1)) / scale);
}

/** Bytes of a FLAC file up to the facts about its samples. */
export const streamInfoBytes = 26;

/**
 * Reads the STREAMINFO block, which comes first. Among others it has 20 bits of sample rate, 3 of channels, 5 of sample
 * size less one, and 36 of the number of samples.
 *
 * @param head the first {@link streamInfoBytes} of the file
 */
export function readStreamInfo(
  head: Buffer,
  path: string,
): { samples: number; sampleRate: number; bits: number } {
  if (head.length < streamInfoBytes) {
    throw damaged(path, 'the file ends within its header: it is truncated');
  }
  const info = head.readBigUInt64BE(18);
  const sampleRate = Number(info >> 44n);
  checkSampleRate(path, sampleRate);
  return { samples: Number(info & 0xfffffffffn), sampleRate, bits: Number((info >> 36n) & 0x1fn) + 1 };
}
