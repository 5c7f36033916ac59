import { checkSampleRate, damaged, decodeBlocks, unsupported, type ReadableFormat } from './format';
import type { SourceFile } from './source';

/** Ogg Vorbis, decoded by libvorbis in WebAssembly. */
export const ogg: ReadableFormat = {
  name: 'Ogg Vorbis',
  recognises: (head) => head.toString('latin1', 0, 4) === 'OggS',
  length(file) {
    const sampleRate = readSampleRate(file);
    return { seconds: readLastPosition(file) / sampleRate, exact: true };
  },
  async *decode(file) {
    readSampleRate(file);
    const { OggVorbisDecoder } = await import('@wasm-audio-decoders/ogg-vorbis');
    yield* decodeBlocks(file, new OggVorbisDecoder());
  },
};

// The first page holds only the first packet, which names the codec.
function readSampleRate(file: SourceFile): number {
  const packet = file.read(28, 16);
  if (packet.length < 16) throw damaged(file.path, 'the file ends within its header: it is truncated');
  const text = packet.toString('latin1');
  if (!text.startsWith('\x01vorbis')) {
    const codec = ['Opus', 'Speex', 'FLAC', 'theora'].find((name) => text.includes(name));
    throw unsupported(
      file.path,
      codec === undefined ? 'this codec in an Ogg file' : `${codec} in an Ogg file`,
    );
  }
  const sampleRate = packet.readUInt32LE(12);
  checkSampleRate(file.path, sampleRate);
  return sampleRate;
}

// The last page has a mark, and the number of samples. A page has at most 65,307 bytes.
function readLastPosition(file: SourceFile): number {
  const from = Math.max(0, file.size - 65307);
  const tail = file.read(from, file.size - from);
  const page = tail.lastIndexOf('OggS');
  const isLast = page >= 0 && page + 14 <= tail.length && (tail[page + 5] & 4) !== 0;
  if (!isLast) throw damaged(file.path, 'the file ends before its last page: it is truncated');
  return Number(tail.readBigInt64LE(page + 6));
}
