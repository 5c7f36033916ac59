import { partOf, type Source } from './source';

/**
 * Leaves out what programs put before the audio: ID3v2 tags, one or several, and zeros.
 *
 * @returns the source from the first byte that is neither
 */
export function withoutLeadingTags(source: Source): Source {
  let start = 0;
  for (let zeros = 0; zeros < mostZeros;) {
    const tag = id3v2Bytes(source.read(start, 10));
    const next = tag > 0 ? start + tag : skipZeros(source, start, mostZeros - zeros);
    if (next === start || next >= source.size) break;
    if (tag === 0) zeros += next - start;
    start = next;
  }
  return partOf(source, start);
}

/** Leaves out tags behind the audio, in any order and number: ID3v1, APEv2, Lyrics3, ID3v2 with a footer; and zeros. */
export function withoutTrailingTags(source: Source): Source {
  let end = source.size;
  for (;;) {
    const next = end - trailingTagBytes(source, end);
    if (next === end || next <= 0 || source.size - next > mostZeros) return partOf(source, 0, end);
    end = next;
  }
}

/** Size in bytes of the ID3v2 tag that begins with `head`, or 0. Its length is in four bytes of seven bits. */
export function id3v2Bytes(head: Buffer): number {
  if (head.length < 10 || head.toString('latin1', 0, 3) !== 'ID3') return 0;
  if (head.subarray(6, 10).some((byte) => byte > 127)) return 0;
  const hasFooter = (head[5] & 0x10) !== 0;
  return (hasFooter ? 20 : 10) + sevenBitLength(head, 6);
}

function sevenBitLength(bytes: Buffer, at: number): number {
  return (bytes[at] << 21) | (bytes[at + 1] << 14) | (bytes[at + 2] << 7) | bytes[at + 3];
}

// A disk image or a file with holes has far more.
const mostZeros = 1 << 24;

function skipZeros(source: Source, start: number, most: number): number {
  let position = start;
  while (position < source.size && position - start < most) {
    const block = source.read(position, 4096);
    const found = block.findIndex((byte) => byte !== 0);
    if (found >= 0) return position + found;
    if (block.length === 0) break;
    position += block.length;
  }
  return position;
}

/** Size in bytes of the tag, or of the zeros, that end at `end`; 0 if neither is there. */
function trailingTagBytes(source: Source, end: number): number {
  const at = (back: number, length: number) =>
    back > end ? '' : source.read(end - back, length).toString('latin1');
  if (at(128, 3) === 'TAG') return 128;
  // An APEv2 tag ends with a footer of 32 bytes. It holds the size without the header, of which bit 31 of the flags tells.
  if (at(32, 8) === 'APETAGEX') {
    const footer = source.read(end - 32, 32);
    const header = (footer[23] & 0x80) !== 0 ? 32 : 0;
    return footer.readUInt32LE(12) + header;
  }
  // A Lyrics3v2 tag ends with its size in six digits and a mark.
  if (at(9, 9) === 'LYRICS200') return Number.parseInt(at(15, 6), 10) + 15 || 0;
  if (at(10, 3) === '3DI') return 20 + sevenBitLength(source.read(end - 10, 10), 6);
  const tail = source.read(Math.max(0, end - 4096), Math.min(4096, end));
  let zeros = 0;
  while (zeros < tail.length && tail[tail.length - 1 - zeros] === 0) zeros++;
  return zeros;
}
