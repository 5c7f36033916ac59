import type { Source } from '../source';
import { id3v2Bytes, withoutTrailingTags } from '../tags';
import { areAlike, frameSize, parseFrame, type MpegFrame } from './frame';

/** A stretch of whole frames, one behind the other. */
export interface FrameRun {
  readonly position: number;
  readonly bytes: Buffer;
  readonly first: MpegFrame;
  /** Number of bytes before it that belong to no frame and no tag. */
  readonly junk: number;
}

const windowBytes = 1 << 18;
const longestFrame = 1 << 14; // more than two of any kind

/**
 * Finds the frames of an MP3 file among tags, zeros and other bytes. The first frame of a run is one with another like it
 * behind it; a run ends where the next frame does not begin at once. A run is a quarter of a megabyte at most.
 */
export function* frameRuns(file: Source): Generator<FrameRun> {
  const source = withoutTrailingTags(file);
  let junk = 0;
  let known: MpegFrame | undefined; // of the run before, where the next one goes on without a gap
  for (let position = 0; position < source.size;) {
    const bytes = source.read(position, windowBytes);
    if (bytes.length === 0) return;
    const atEnd = position + bytes.length === source.size;
    const usable = atEnd ? bytes.length : bytes.length - longestFrame;

    let start = 0;
    if (known === undefined || !goesOn(bytes, 0, known)) {
      const found = findFrame(bytes, usable, atEnd);
      junk += found.junk;
      start = found.start;
      if (start >= usable) {
        position += start;
        known = undefined;
        continue;
      }
    }

    const first = parseFrame(bytes, start)!;
    let end = start;
    for (;;) {
      const frame = parseFrame(bytes, end);
      if (frame === undefined || end >= usable) break;
      // A header of another kind counts if a second one confirms it.
      if (!areAlike(first, frame) && frameSize(bytes, end, atEnd) === undefined) break;
      const size = frame.bitRate > 0 ? frame.bytes : (frameSize(bytes, end, atEnd) ?? 0);
      if (size === 0 || end + size > bytes.length) break;
      end += size;
    }
    if (end > start) yield { position: position + start, bytes: bytes.subarray(start, end), first, junk };
    junk = 0;
    known = end > start ? first : undefined;
    // A last frame that is cut short counts as junk.
    position += end > start ? end : start + 1;
  }
}

function goesOn(bytes: Buffer, at: number, known: MpegFrame): boolean {
  const frame = parseFrame(bytes, at);
  return frame !== undefined && areAlike(frame, known) && frame.bytes <= bytes.length;
}

/** The first frame in `bytes` before `usable`, or `usable` and more, where a tag reaches beyond; and the junk before it. */
function findFrame(bytes: Buffer, usable: number, atEnd: boolean): { start: number; junk: number } {
  let junk = 0;
  for (let at = 0; at < usable;) {
    if (bytes[at] === 0xff) {
      if (frameSize(bytes, at, atEnd) !== undefined) return { start: at, junk };
    } else {
      const tag = tagBytes(bytes, at);
      if (tag > 0) {
        if (at + tag >= usable) return { start: at + tag, junk };
        at += tag;
        continue;
      }
    }
    if (bytes[at] !== 0) junk++;
    at++;
  }
  return { start: usable, junk };
}

// Files that were joined have tags in their middle.
function tagBytes(bytes: Buffer, at: number): number {
  switch (bytes[at]) {
    case 0x49: // I
      return id3v2Bytes(bytes.subarray(at, at + 10));
    case 0x54: // T
      return bytes.toString('latin1', at, at + 3) === 'TAG' ? 128 : 0;
    case 0x41: // A
      return bytes.toString('latin1', at, at + 8) === 'APETAGEX' && at + 16 <= bytes.length
        ? 32 + bytes.readUInt32LE(at + 12)
        : 0;
    default:
      return 0;
  }
}
