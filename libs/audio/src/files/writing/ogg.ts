import { toChannels, unsupportedRate, type AudioEncoder, type EncoderOptions } from './encoder';
import { oggMark } from './mark';

// Quality on libvorbis' scale from −1 to 10: about 45 kbit/s for piano music at 16 kHz, mono.
const quality = 6;
// Serial number of a stream without the mark. Both are fixed, so that the same samples give the same file.
const plainSerialNumber = 1;
// Frames per block of the encoder: its start depends on the size of the first block.
const blockFrames = 4096;
const highestRate = 200_000;

/**
 * Creates an encoder of Ogg Vorbis, by libvorbis in WebAssembly. The file contains its exact number of samples.
 *
 * @throws UserError for a sample rate that libvorbis refuses
 */
export async function oggEncoder(options: EncoderOptions): Promise<AudioEncoder> {
  const { rate, channels, marked } = options;
  if (rate > highestRate) throw unsupportedRate(options, 'Ogg Vorbis', `up to ${highestRate} Hz`);
  const { createOggEncoder } = await import('wasm-media-encoders');
  const library = await createOggEncoder();
  const oggSerialNo = marked ? oggMark : plainSerialNumber;
  library.configure({ channels, sampleRate: rate, vbrQuality: quality, oggSerialNo });

  const block = new Int16Array(blockFrames * channels);
  let filled = 0;
  const encodeBlock = () => {
    const bytes = library.encode(toChannels(block.subarray(0, filled), channels));
    filled = 0;
    return bytes.slice(); // copies the library's own memory, which it uses again
  };
  return {
    header: () => new Uint8Array(0),
    encode(samples) {
      const encoded: Uint8Array[] = [];
      for (let from = 0; from < samples.length;) {
        const piece = samples.subarray(from, from + block.length - filled);
        block.set(piece, filled);
        filled += piece.length;
        from += piece.length;
        if (filled === block.length) encoded.push(encodeBlock());
      }
      return Buffer.concat(encoded);
    },
    finish: () => Buffer.concat([...(filled > 0 ? [encodeBlock()] : []), library.finalize()]),
  };
}
