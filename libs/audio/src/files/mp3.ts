import { damaged, decodeBlocks, type ReadableFormat } from './format';
import type { SourceFile } from './source';

/** MPEG audio, layer III, decoded by mpg123 in WebAssembly, which removes the encoder's padding at both ends. */
export const mp3: ReadableFormat = {
  name: 'MP3',
  recognises: (head) => head.toString('latin1', 0, 3) === 'ID3' || parseFrame(head, 0) !== undefined,
  length(file) {
    const { frame, position, samples } = readFirstFrame(file);
    if (samples !== undefined) return { seconds: samples / frame.sampleRate, exact: true };
    return { seconds: ((file.size - position) * 8) / frame.bitRate, exact: false };
  },
  async *decode(file) {
    readFirstFrame(file);
    const { MPEGDecoder } = await import('mpg123-decoder');
    yield* decodeBlocks(file, new MPEGDecoder());
  },
};

interface Frame {
  readonly bitRate: number;
  readonly sampleRate: number;
  readonly samples: number;
  readonly bytes: number;
  /** Position of a Xing or Info header, if there is one, from the beginning of the frame. */
  readonly sideInformationEnd: number;
}

const bitRates = {
  mpeg1: [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  mpeg2: [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};

/** Parses the frame header at `at`; undefined unless it is of layer III (ISO 11172-3, section 2.4.1.3). */
function parseFrame(bytes: Buffer, at: number): Frame | undefined {
  if (at + 4 > bytes.length || bytes[at] !== 0xff || (bytes[at + 1] & 0xe6) !== 0xe2) return undefined;
  const version = (bytes[at + 1] >> 3) & 3; // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
  const kilobits = bitRates[version === 3 ? 'mpeg1' : 'mpeg2'][(bytes[at + 2] >> 4) - 1] as
    number | undefined;
  const base = [44100, 48000, 32000][(bytes[at + 2] >> 2) & 3] as number | undefined;
  if (version === 1 || kilobits === undefined || base === undefined) return undefined;
  const sampleRate = version === 3 ? base : version === 2 ? base / 2 : base / 4;
  const samples = version === 3 ? 1152 : 576;
  const padding = (bytes[at + 2] >> 1) & 1;
  const mono = bytes[at + 3] >> 6 === 3;
  return {
    bitRate: kilobits * 1000,
    sampleRate,
    samples,
    bytes: Math.floor((samples / 8) * ((kilobits * 1000) / sampleRate)) + padding,
    sideInformationEnd: 4 + (version === 3 ? (mono ? 17 : 32) : mono ? 9 : 17),
  };
}

/**
 * Reads the first frame after the tags, checked by the next one, and the length of the music if the file records it.
 */
function readFirstFrame(file: SourceFile): { frame: Frame; position: number; samples: number | undefined } {
  const start = tagBytes(file.read(0, 10));
  const bytes = file.read(start, 1 << 16);
  for (let at = 0; at < bytes.length; at++) {
    const frame = parseFrame(bytes, at);
    if (frame === undefined) continue;
    const next = at + frame.bytes;
    if (next + 4 <= bytes.length && parseFrame(bytes, next) === undefined) continue;
    const header = bytes.subarray(at + frame.sideInformationEnd, next);
    return { frame, position: start + at, samples: readSamples(header, frame) };
  }
  throw damaged(file.path, 'there is no MP3 audio in the file');
}

// Encoders record in the first frame how many frames follow, and the silence before and after the music.
function readSamples(header: Buffer, frame: Frame): number | undefined {
  const hasFrames = /^(Xing|Info)$/.test(header.toString('latin1', 0, 4)) && (header[7] & 1) !== 0;
  const hasSilence = /^(LAME|Lav[cf])/.test(header.toString('latin1', 120, 124)) && header.length >= 144;
  if (!hasFrames || !hasSilence) return undefined;
  const silence = header.readUIntBE(141, 3);
  return header.readUInt32BE(8) * frame.samples - (silence >> 12) - (silence & 0xfff);
}

// An ID3v2 tag has its length in four bytes of seven bits.
function tagBytes(head: Buffer): number {
  if (head.toString('latin1', 0, 3) !== 'ID3' || head.length < 10) return 0;
  return 10 + ((head[6] << 21) | (head[7] << 14) | (head[8] << 7) | head[9]);
}
