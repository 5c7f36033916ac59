import { checkSampleRate, damaged, decodeWith, type AudioBlock, type ReadableFormat } from './format';
import { blocksOf, type Source } from './source';
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
    yield* decodeFlac(withoutMetadata(withoutTrailingTags(source)), bits, source.path);
  },
};

/**
 * The bytes of a FLAC file without its metadata: pictures hold bytes that look like the beginning of a frame, and the
 * decoder would take them for one.
 */
function* withoutMetadata(source: Source): Generator<Uint8Array> {
  yield asOnlyBlock(source.read(0, streamInfoEnd));
  let position = magicBytes;
  for (;;) {
    const head = source.read(position, 4);
    if (head.length < 4) throw damaged(source.path, 'the file ends within its header: it is truncated');
    position += 4 + head.readUIntBE(1, 3);
    if ((head[0] & lastBlock) !== 0) break;
  }
  yield* blocksOf(source, position);
}

const magicBytes = 4; // fLaC
const streamInfoEnd = magicBytes + 4 + 34;
const lastBlock = 0x80; // mark of the last block of metadata

/** The beginning of a FLAC file, up to the end of STREAMINFO, as if no other metadata followed. */
export function asOnlyBlock(head: Uint8Array): Uint8Array {
  const only = Uint8Array.from(head);
  only[magicBytes] |= lastBlock;
  return only;
}

/**
 * Decodes a FLAC file.
 *
 * @param bytes its STREAMINFO, from {@link asOnlyBlock}, and its frames, piece by piece
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
