/** Bytes of a number as a variable-length quantity. */
export function quantity(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}

/** Bytes of an event, `delta` ticks after the event before. */
export function event(delta: number, ...bytes: number[]): number[] {
  return [...quantity(delta), ...bytes];
}

const uint32 = (value: number) => [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255];
const word = (text: string) => [...Buffer.from(text, 'latin1')];

/** Bytes of a track, with an end. */
export function track(...events: readonly number[][]): number[] {
  const bytes = [...events.flat(), ...event(0, 0xff, 0x2f, 0)];
  return [...word('MTrk'), ...uint32(bytes.length), ...bytes];
}

/** A standard MIDI file with 96 ticks for a beat of half a second. */
export function midiFile(...tracks: readonly number[][]): Uint8Array {
  const format = tracks.length === 1 ? 0 : 1;
  return Uint8Array.from([
    ...word('MThd'),
    ...uint32(6),
    0,
    format,
    0,
    tracks.length,
    0,
    96,
    ...tracks.flat(),
  ]);
}

export const on = (key: number, delta = 0, velocity = 64) => event(delta, 0x90, key, velocity);
export const off = (key: number, delta = 96) => event(delta, 0x80, key, 64);

/** C4, E4 and G4, half a second each. */
export const threeNotes: readonly number[][] = [on(60), off(60), on(64), off(64), on(67), off(67)];
