import { damaged } from '../format';
import { blocksOf, type Source } from '../source';

/** A page of an Ogg file (RFC 3533, section 6). */
export interface OggPage {
  /** The whole page, its header included. */
  readonly bytes: Buffer;
  /** Position of its contents in `bytes`. */
  readonly start: number;
  /** Number of the stream that it belongs to. */
  readonly serial: number;
  /** Number of the page in its stream. */
  readonly sequence: number;
  /** Position in the stream at the end of the page; −1 if no packet ends in it. */
  readonly granule: number;
  /** True if it begins, or ends, its stream. */
  readonly begins: boolean;
  readonly ends: boolean;
}

const headerBytes = 27;

/**
 * Reads the pages of a file in order, each with its checksum verified.
 *
 * @throws UserError if the file is damaged, or ends within a page
 */
export function* pagesOf(source: Source): Generator<OggPage> {
  let kept = Buffer.alloc(0);
  let position = 0; // of the bytes kept
  for (const block of blocksOf(source)) {
    kept = kept.length === 0 ? block : Buffer.concat([kept, block]);
    let at = 0;
    for (let page = pageAt(kept, at); page !== undefined; page = pageAt(kept, at)) {
      if (checksum(page.bytes) !== page.bytes.readUInt32LE(22)) {
        throw damaged(source.path, `its page at byte ${position + at} is damaged (its checksum is wrong)`);
      }
      yield page;
      at += page.bytes.length;
    }
    if (kept.length - at >= 4 && kept.toString('latin1', at, at + 4) !== 'OggS') {
      if (isPadding(source, position + at)) return;
      throw damaged(source.path, `the data from byte ${position + at} on are not an Ogg page`);
    }
    kept = kept.subarray(at);
    position += at;
  }
  if (kept.length > 0 && !isPadding(source, position)) {
    throw damaged(source.path, 'the file ends within a page: it is truncated');
  }
}

/** The page at a position, if it is there whole. */
function pageAt(bytes: Buffer, at: number): OggPage | undefined {
  if (bytes.length < at + headerBytes || bytes.toString('latin1', at, at + 4) !== 'OggS') return undefined;
  const segments = bytes[at + 26];
  const start = headerBytes + segments;
  if (bytes.length < at + start) return undefined;
  const length = bytes.subarray(at + headerBytes, at + start).reduce((sum, size) => sum + size, start);
  if (bytes.length < at + length) return undefined;
  return {
    bytes: bytes.subarray(at, at + length),
    start,
    granule: Number(bytes.readBigInt64LE(at + 6)),
    serial: bytes.readUInt32LE(at + 14),
    sequence: bytes.readUInt32LE(at + 18),
    begins: (bytes[at + 5] & 2) !== 0,
    ends: (bytes[at + 5] & 4) !== 0,
  };
}

// Programs that copy by blocks fill the last one with zeros.
function isPadding(source: Source, position: number): boolean {
  for (const block of blocksOf(source, position)) if (block.some((byte) => byte !== 0)) return false;
  return true;
}

/** The page with other flags, and the checksum that goes with them. */
export function asLastPage(page: OggPage): Buffer {
  const bytes = Buffer.from(page.bytes);
  bytes[5] |= 4;
  bytes.writeUInt32LE(checksum(bytes), 22);
  return bytes;
}

// CRC-32 of the polynomial 0x04c11db7, without reflection, over the page with its own checksum as zeros.
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte << 24;
  for (let bit = 0; bit < 8; bit++) rest = rest < 0 ? (rest << 1) ^ 0x04c11db7 : rest << 1;
  return rest;
});

/** The checksum of a whole page, whatever checksum it has. */
export function checksum(page: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < page.length; at++) {
    const byte = at >= 22 && at < 26 ? 0 : page[at];
    sum = (sum << 8) ^ table[((sum >>> 24) ^ byte) & 0xff];
  }
  return sum >>> 0;
}
