/** Header of a frame of MPEG audio, layer III (ISO 11172-3, section 2.4.1.3; ISO 13818-3). */
export interface MpegFrame {
  /** In bits per second; 0 in free format, where the distance between frames gives their size. */
  readonly bitRate: number;
  /** In Hz. */
  readonly sampleRate: number;
  /** Number of samples of each channel. */
  readonly samples: number;
  /** Size of the whole frame; in free format only its padding. */
  readonly bytes: number;
  /** Position of a Xing or Info header, if there is one, from the beginning of the frame. */
  readonly sideInformationEnd: number;
}

export const headerBytes = 4;

const kilobits = {
  mpeg1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  mpeg2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};

/** Parses the frame header at `at`; undefined if there is none of layer III. */
export function parseFrame(bytes: Uint8Array, at: number): MpegFrame | undefined {
  if (at + headerBytes > bytes.length || bytes[at] !== 0xff || (bytes[at + 1] & 0xe6) !== 0xe2)
    return undefined;
  const version = (bytes[at + 1] >> 3) & 3; // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
  const rate = kilobits[version === 3 ? 'mpeg1' : 'mpeg2'][bytes[at + 2] >> 4] as number | undefined;
  const base = [44100, 48000, 32000][(bytes[at + 2] >> 2) & 3] as number | undefined;
  if (version === 1 || rate === undefined || base === undefined) return undefined;
  const bitRate = rate * 1000;
  const sampleRate = version === 3 ? base : version === 2 ? base / 2 : base / 4;
  const samples = version === 3 ? 1152 : 576;
  const padding = (bytes[at + 2] >> 1) & 1;
  const mono = bytes[at + 3] >> 6 === 3;
  return {
    bitRate,
    sampleRate,
    samples,
    bytes: Math.floor((samples / 8) * (bitRate / sampleRate)) + padding,
    sideInformationEnd: headerBytes + (version === 3 ? (mono ? 17 : 32) : mono ? 9 : 17),
  };
}

/** True if frames of one stream can have both headers: bit rate, padding and stereo mode may change. */
export function areAlike(a: MpegFrame, b: MpegFrame): boolean {
  return a.sampleRate === b.sampleRate && a.samples === b.samples && (a.bitRate === 0) === (b.bitRate === 0);
}

const fewestBytes = 24;
const mostBytes = 2881 * 2; // 640 kbit/s at 16 kHz

/**
 * Size of the frame that begins at `at`, in bytes, if a frame like it follows; undefined otherwise. In free format the
 * size is the distance to the next frame but one like it.
 *
 * @param atEnd true if no bytes follow these: then the last frame needs none behind it
 */
export function frameSize(bytes: Uint8Array, at: number, atEnd: boolean): number | undefined {
  const frame = parseFrame(bytes, at);
  if (frame === undefined) return undefined;
  const isLike = (position: number) => {
    const other = parseFrame(bytes, position);
    return other !== undefined && areAlike(frame, other);
  };
  if (frame.bitRate > 0) {
    const end = at + frame.bytes;
    return isLike(end) || (atEnd && end === bytes.length) ? frame.bytes : undefined;
  }
  const most = Math.min(mostBytes, bytes.length - headerBytes - at);
  for (let distance = fewestBytes; distance <= most; distance++) {
    if (!isLike(at + distance)) continue;
    const unpadded = distance - frame.bytes;
    const next = at + distance + unpadded + parseFrame(bytes, at + distance)!.bytes;
    if (isLike(next) || (atEnd && next === bytes.length)) return distance;
  }
  return undefined;
}
