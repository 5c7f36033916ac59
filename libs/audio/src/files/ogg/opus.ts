import { damaged, undecodable, type AudioBlock } from '../format';
import type { LinkPage } from './links';
import { Packets } from './packets';

/** Sample rate of everything that an Opus decoder puts out, in Hz. */
export const opusRate = 48000;

/** The header of an Opus stream (RFC 7845, section 5.1). */
interface OpusHead {
  readonly channels: number;
  /** Samples to leave out at the beginning. */
  readonly preSkip: number;
  /** Factor of the amplitude. */
  readonly gain: number;
  readonly streamCount: number;
  readonly coupledStreamCount: number;
  readonly channelMappingTable: number[];
}

/** Decodes a link of Opus (RFC 7845), by libopus in WebAssembly. */
export async function* decodeOpus(pages: Iterable<LinkPage>, path: string): AsyncGenerator<AudioBlock> {
  const { OpusDecoder } = await import('opus-decoder');
  const packets = new Packets();
  let head: OpusHead | undefined;
  let headersLeft = 2;
  let decoder: InstanceType<typeof OpusDecoder> | undefined;
  let toSkip = 0;
  let before = 0; // granule position at the end of the page before
  try {
    for (const { page, isLast } of pages) {
      const found = packets.endingIn(page);
      if (head === undefined && found.length > 0) {
        head = readHead(found[0], path);
        toSkip = head.preSkip;
        const { channels, streamCount, coupledStreamCount, channelMappingTable } = head;
        decoder = new OpusDecoder({
          sampleRate: opusRate,
          channels,
          streamCount,
          coupledStreamCount,
          channelMappingTable,
          preSkip: 0,
        });
        await decoder.ready;
      }
      const skipped = Math.min(headersLeft, found.length);
      headersLeft -= skipped;
      const frames = found.slice(skipped).filter((packet) => packet.length > 0);
      if (frames.length > 0 && decoder !== undefined && head !== undefined) {
        const { channelData, samplesDecoded, errors } = decoder.decodeFrames(frames);
        if (errors.length > 0) throw undecodable(path);
        // The position of the last page tells where the music ends within it.
        const end = isLast ? Math.min(samplesDecoded, Math.max(0, page.granule - before)) : samplesDecoded;
        const start = Math.min(toSkip, end);
        toSkip -= start;
        if (end > start)
          yield { channels: amplified(channelData, start, end, head.gain), sampleRate: opusRate };
      }
      if (page.granule >= 0) before = page.granule;
    }
  } finally {
    decoder?.free();
  }
}

function amplified(
  channels: readonly Float32Array[],
  start: number,
  end: number,
  gain: number,
): Float32Array[] {
  return channels.map((samples) => {
    const part = samples.subarray(start, end);
    return gain === 1 ? part : part.map((sample) => sample * gain);
  });
}

function readHead(packet: Buffer, path: string): OpusHead {
  const channels = packet.length >= 19 ? packet[9] : 0;
  const family = packet.length >= 19 ? packet[18] : 0;
  const isMapped = family > 0;
  if (channels === 0 || (isMapped ? packet.length < 21 + channels : channels > 2)) {
    throw damaged(path, 'its Opus header is damaged');
  }
  return {
    channels,
    preSkip: packet.readUInt16LE(10),
    gain: 10 ** (packet.readInt16LE(16) / 256 / 20),
    streamCount: isMapped ? packet[19] : 1,
    coupledStreamCount: isMapped ? packet[20] : channels - 1,
    channelMappingTable: isMapped
      ? [...packet.subarray(21, 21 + channels)]
      : Array.from({ length: channels }, (_, channel) => channel),
  };
}
