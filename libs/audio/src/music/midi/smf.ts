import { UserError } from '@fermata/core';

/** An event of a standard MIDI file that matters to a piano, at a tick from the beginning of its track. */
export type MidiEvent = { readonly tick: number } & (
  | {
      readonly kind: 'note on' | 'note off';
      readonly channel: number;
      readonly key: number;
      readonly velocity: number;
    }
  | {
      readonly kind: 'controller';
      readonly channel: number;
      readonly controller: number;
      readonly value: number;
    }
  | { readonly kind: 'tempo'; readonly microsecondsPerBeat: number }
  | { readonly kind: 'end' }
);

/** The contents of a standard MIDI file. */
export interface MidiFile {
  /** Seconds of a tick at 120 beats per minute, or always if the file counts frames of film. */
  readonly secondsPerTick: number;
  /** Ticks of a beat; undefined if the file counts frames of film, which know no tempo. */
  readonly ticksPerBeat: number | undefined;
  /** Events of each track, in the order of time. */
  readonly tracks: readonly (readonly MidiEvent[])[];
}

/** The error for a MIDI file that cannot be played. */
export function unusable(name: string, problem: string): UserError {
  return new UserError(`${name}: ${problem}.`, 'Export it again as a standard MIDI file, or leave it out.');
}

/**
 * Parses a standard MIDI file of format 0 or 1 (The Complete MIDI 1.0 Detailed Specification, section 4), also within
 * RIFF. It is strict where notes could be wrong, and lenient elsewhere: events of other kinds may have any length, and
 * real-time messages may stand between events.
 *
 * @param name of the file, for errors
 * @throws UserError if the file is not a MIDI file of these formats, is cut short, or is damaged
 */
export function parseSmf(file: Uint8Array, name: string): MidiFile {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const start = startOf(bytes);
  if (start === undefined || bytes.length < start + 14) throw unusable(name, 'this is not a MIDI file');
  const headerLength = bytes.readUInt32BE(start + 4);
  const format = bytes.readUInt16BE(start + 8);
  const trackCount = bytes.readUInt16BE(start + 10);
  const division = bytes.readUInt16BE(start + 12);
  if (headerLength < 6) throw unusable(name, 'its header is too short');
  if (format === 2) throw unusable(name, 'MIDI files of format 2 hold separate patterns, not a piece');
  if (format > 2) throw unusable(name, `there is no MIDI format ${format}`);

  const tracks: MidiEvent[][] = [];
  for (let position = start + 8 + headerLength; tracks.length < trackCount;) {
    const end: number =
      position + 8 <= bytes.length ? position + 8 + bytes.readUInt32BE(position + 4) : Infinity;
    if (end > bytes.length) {
      throw unusable(name, `the file is cut short in track ${tracks.length + 1} of ${trackCount}`);
    }
    // Chunks of other kinds may stand between tracks.
    if (bytes.toString('latin1', position, position + 4) === 'MTrk') {
      tracks.push(parseTrack(bytes.subarray(position + 8, end), name));
    }
    position = end;
  }
  return { ...timing(division, name), tracks };
}

// A RIFF file (.rmi) has the MIDI file in its first chunk.
function startOf(bytes: Buffer): number | undefined {
  const isRiff = /^RIFF....RMIDdata/s.test(bytes.toString('latin1', 0, 16));
  const start = isRiff ? 20 : 0;
  return bytes.toString('latin1', start, start + 4) === 'MThd' ? start : undefined;
}

function timing(division: number, name: string): Pick<MidiFile, 'secondsPerTick' | 'ticksPerBeat'> {
  if (division === 0) throw unusable(name, 'its header has a time division of 0');
  if (division < 0x8000) return { secondsPerTick: 0.5 / division, ticksPerBeat: division };
  const frames = 256 - (division >> 8);
  const ticksPerFrame = division & 0xff;
  if (![24, 25, 29, 30].includes(frames) || ticksPerFrame === 0) {
    throw unusable(name, `its header has a time division of ${ticksPerFrame} ticks at ${frames} frames`);
  }
  // The 29 frames of SMPTE time are 30 in 1.001 seconds.
  return {
    secondsPerTick: (frames === 29 ? 1.001 / 30 : 1 / frames) / ticksPerFrame,
    ticksPerBeat: undefined,
  };
}

const endOfTrack = 0x2f;
const setTempo = 0x51;

function parseTrack(bytes: Buffer, name: string): MidiEvent[] {
  const events: MidiEvent[] = [];
  let at = 0;
  let tick = 0;
  let running = 0; // the last status of a channel

  const byte = (): number => {
    if (at >= bytes.length) throw unusable(name, 'a track ends within an event');
    return bytes[at++];
  };
  // A variable-length quantity has four bytes of seven bits at most.
  const quantity = (): number => {
    let value = 0;
    for (let count = 0; count < 4; count++) {
      const next = byte();
      value = (value << 7) | (next & 0x7f);
      if (next < 0x80) return value;
    }
    throw unusable(name, 'the MIDI data are damaged (a number has more than four bytes)');
  };
  const skip = (length: number): void => {
    if (at + length > bytes.length) throw unusable(name, 'a track ends within an event');
    at += length;
  };
  const dataByte = (): number => {
    const value = byte();
    if (value > 127)
      throw unusable(name, `the MIDI data are damaged (${value} in place of a value below 128)`);
    return value;
  };
  /** Reads a meta event; true if it ends the track. */
  const meta = (): boolean => {
    const type = byte();
    const length = quantity();
    const start = at;
    skip(length);
    // The standard wants longer events read as far as they are known.
    if (type === setTempo && length >= 3) {
      const microsecondsPerBeat = bytes.readUIntBE(start, 3);
      if (microsecondsPerBeat === 0) throw unusable(name, 'it has a tempo of 0');
      events.push({ tick, kind: 'tempo', microsecondsPerBeat });
    }
    return type === endOfTrack;
  };

  while (at < bytes.length) {
    tick += quantity();
    const status = byte();
    if (status === 0xff) {
      if (meta()) break;
    } else if (status === 0xf0 || status === 0xf7) {
      skip(quantity());
    } else if (status >= 0xf0) {
      // Messages of the whole system: song position has two values, quarter frame and song select one, others none.
      skip(status === 0xf2 ? 2 : status === 0xf1 || status === 0xf3 ? 1 : 0);
    } else {
      if (status >= 0x80) running = status;
      else at--;
      if (running === 0) throw unusable(name, 'the MIDI data are damaged (an event has no status)');
      const channel = running & 0x0f;
      const type = running >> 4;
      const first = dataByte();
      const second = type === 0xc || type === 0xd ? 0 : dataByte();
      if (type === 9 && second > 0)
        events.push({ tick, kind: 'note on', channel, key: first, velocity: second });
      else if (type === 8 || type === 9) {
        events.push({ tick, kind: 'note off', channel, key: first, velocity: second });
      } else if (type === 0xb) {
        events.push({ tick, kind: 'controller', channel, controller: first, value: second });
      }
    }
  }
  events.push({ tick, kind: 'end' });
  return events;
}
