import { toChannels, unsupportedRate, type AudioEncoder, type EncoderOptions } from './encoder';
import { mp3Mark } from './mark';

// The versions of MPEG. Each has its sample rates in the order of their numbers in a frame header (ISO 11172-3 and
// 13818-3, section 2.4.2.3), and values that depend on the version alone or, in pairs, on mono or stereo.
const versions = [
  {
    number: 3, // MPEG 1
    rates: [44100, 48000, 32000],
    frameSamples: 1152,
    kilobits: [128, 256],
    kilobitsNumber: [9, 13],
    sideInformation: [17, 32],
  },
  {
    number: 2, // MPEG 2
    rates: [22050, 24000, 16000],
    frameSamples: 576,
    kilobits: [64, 128],
    kilobitsNumber: [8, 12],
    sideInformation: [9, 17],
  },
  {
    number: 0, // MPEG 2.5, which LAME limits to 64 kbit/s
    rates: [11025, 12000, 8000],
    frameSamples: 576,
    kilobits: [64, 64],
    kilobitsNumber: [8, 8],
    sideInformation: [9, 17],
  },
] as const;

// LAME softens the music by this much at bit rates up to 128 kbit/s, so that fewer decoders clip it. This project
// undoes it, so that a recording keeps its level.
const softening = 0.95;
const highestSoftened = 128;

// Samples of silence that LAME puts before the music.
const delay = 576;

/**
 * Creates an encoder of MPEG audio, layer III, by LAME in WebAssembly at a constant bit rate: 64 kbit/s per channel
 * below 32 kHz, 128 from there on. LAME puts 576 samples of silence before the music and some after it, and decoders
 * add 529. A file records both in its first frame, and players that read this record, as most do, play exactly the
 * written samples. A pipe has no such record, and plays 1105 samples late and up to 2000 longer.
 *
 * @throws UserError for a sample rate that MP3 does not have
 */
export async function mp3Encoder(options: EncoderOptions): Promise<AudioEncoder> {
  const { rate, channels, seekable, marked } = options;
  const version = versions.find(({ rates }) => (rates as readonly number[]).includes(rate));
  if (version === undefined) {
    const rates = versions.flatMap((each) => [...each.rates]).sort((a, b) => a - b);
    throw unsupportedRate(options, 'MP3', rates.join(', '));
  }
  const bitrate = version.kilobits[channels - 1];
  const frameBytes = (version.frameSamples / 8) * ((1000 * bitrate) / rate);
  const { createMp3Encoder } = await import('wasm-media-encoders');
  const library = await createMp3Encoder();
  library.configure({
    channels,
    sampleRate: rate,
    bitrate,
    outputSampleRate: rate as (typeof version.rates)[number],
  });

  const gain = bitrate <= highestSoftened ? 1 / softening : 1;
  let samples = 0;
  let bytes = 0;
  const count = (encoded: Uint8Array) => {
    bytes += encoded.length;
    return encoded.slice(); // copies the library's own memory, which it uses again
  };
  return {
    header() {
      const tag = marked ? mp3Mark : new Uint8Array(0);
      if (!seekable) return tag;
      // Frames differ by a byte if their length is not a whole number, and by at most a byte in total.
      const frames = Math.floor(bytes / frameBytes + 0.01);
      const padding = Math.max(0, frames * version.frameSamples - delay - samples);
      const info = infoFrame({ version, rate, channels, bitrate, frameBytes, frames, padding, bytes });
      return Buffer.concat([tag, info]);
    },
    encode(piece) {
      samples += piece.length / channels;
      return count(library.encode(toChannels(piece, channels, gain)));
    },
    finish: () => count(library.finalize()),
  };
}

interface Info {
  readonly version: (typeof versions)[number];
  readonly rate: number;
  readonly channels: 1 | 2;
  /** Bit rate in kbit/s. */
  readonly bitrate: number;
  /** Bytes per frame, on average if frames differ by a byte. */
  readonly frameBytes: number;
  /** Frames that follow this one. */
  readonly frames: number;
  /** Samples of silence after the music. */
  readonly padding: number;
  /** Bytes of the frames that follow. */
  readonly bytes: number;
}

/**
 * Makes a frame of silence that records the length of the file and the silence around the music, like LAME's own
 * program ("Mp3 Info Tag revision 1"); the library leaves it out.
 */
function infoFrame({
  version,
  rate,
  channels,
  bitrate,
  frameBytes,
  frames,
  padding,
  bytes,
}: Info): Uint8Array {
  const frame = Buffer.alloc(Math.floor(frameBytes));
  const rateNumber = (version.rates as readonly number[]).indexOf(rate);
  frame[0] = 0xff;
  frame[1] = 0xe3 | (version.number << 3); // layer III, no checksum
  frame[2] = (version.kilobitsNumber[channels - 1] << 4) | (rateNumber << 2);
  frame[3] = channels === 1 ? 0xc4 : 0x44; // mono or joint stereo; an original

  const tag = frame.subarray(4 + version.sideInformation[channels - 1]);
  tag.write('Info', 0, 'latin1');
  tag.writeUInt32BE(0b1111, 4); // four fields follow
  tag.writeUInt32BE(frames, 8);
  tag.writeUInt32BE((frame.length + bytes) % 2 ** 32, 12);
  for (let percent = 0; percent < 100; percent++) tag[16 + percent] = Math.floor(2.56 * percent); // seek positions
  tag.write('LAME3.100', 120, 'latin1');
  tag[129] = 1; // constant bit rate
  tag[140] = Math.min(255, bitrate);
  tag.writeUIntBE((delay << 12) | Math.min(0xfff, padding), 141, 3);
  tag.writeUInt32BE((frame.length + bytes) % 2 ** 32, 148);
  tag.writeUInt16BE(checksum(frame.subarray(0, frame.length - tag.length + 154)), 154);
  return frame;
}

/** CRC-16 of polynomial 0x8005, bits reversed, from 0 on. */
function checksum(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}
