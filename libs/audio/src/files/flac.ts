import { damaged, decodeBlocks, type AudioFormat } from './format';
import type { SourceFile } from './source';

/** Free Lossless Audio Codec, decoded by libFLAC in WebAssembly. */
export const flac: AudioFormat = {
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
    yield* decodeBlocks(file, new FLACDecoder());
  },
};

// The STREAMINFO block always comes first: 20 bits of sample rate, 8 of other things, 36 of the number of samples.
function readStreamInfo(file: SourceFile): { samples: number; sampleRate: number } {
  const head = file.read(0, 26);
  if (head.length < 26) throw damaged(file.path, 'the file ends within its header: it is truncated');
  const bits = head.readBigUInt64BE(18);
  const sampleRate = Number(bits >> 44n);
  if (sampleRate === 0) throw damaged(file.path, 'its header says that it has no sample rate');
  return { samples: Number(bits & 0xfffffffffn), sampleRate };
}
