import { readFileSync } from 'node:fs';

import { UserError, asFileError } from '@fermata/core';
import { parseMidi, type MidiData, type MidiEvent, type MidiHeader } from 'midi-file';

import { sortNotes, type Note, type PedalPress, type Performance } from './performance';

const sustainPedal = 64; // controller number
const pedalDown = 64; // controller values from here on mean that the pedal is down
const percussionChannel = 9; // channel 10 of General MIDI: its notes are drums

/**
 * Reads the notes and the sustain pedal of a standard MIDI file of format 0 or 1. Tempo changes of all tracks apply to
 * all tracks. All channels except percussion play the one piano. A key struck again before its release ends the first
 * note. Half-pedalling counts as down from value 64 on. Soft and sostenuto pedal are ignored.
 *
 * @param file path, or the bytes of a file
 * @param name name of the bytes in errors
 * @throws UserError if the file cannot be read, is not a MIDI file of these formats, is damaged, or has no notes
 */
export function readMidi(file: string | Uint8Array, name = 'MIDI data'): Performance {
  if (typeof file !== 'string') return performanceOf(parse(file, name), name);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw asFileError(error, file);
  }
  return performanceOf(parse(bytes, file), file);
}

function parse(bytes: Uint8Array, name: string): MidiData {
  assertWhole(bytes, name);
  let data: MidiData;
  try {
    data = parseMidi(bytes);
  } catch (error) {
    throw unusable(name, `the MIDI data are damaged (${String(error)})`);
  }
  if (data.header.format === 2)
    throw unusable(name, 'MIDI files of format 2 hold separate patterns, not a piece');
  return data;
}

// The parser accepts truncated files silently, so this measures the chunks first.
function assertWhole(bytes: Uint8Array, name: string): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 14 || view.getUint32(0) !== 0x4d546864) throw unusable(name, 'this is not a MIDI file');
  const tracks = view.getUint16(10);
  let position = 8 + view.getUint32(4);
  for (let track = 0; track < tracks; track++) {
    if (position + 8 > bytes.length || position + 8 + view.getUint32(position + 4) > bytes.length) {
      throw unusable(name, `the file is cut short in track ${track + 1} of ${tracks}`);
    }
    position += 8 + view.getUint32(position + 4);
  }
}

function performanceOf({ header, tracks }: MidiData, name: string): Performance {
  const events = tracks
    .flatMap((track) => {
      let tick = 0;
      return track.map((event) => ({ tick: (tick += event.deltaTime), event }));
    })
    .sort((a, b) => a.tick - b.tick);
  const clock = new Clock(header, name);
  const keys = new Map<number, Note>();
  const notes: Note[] = [];
  const pedalChannels = new Set<number>();
  const pedal: PedalPress[] = [];
  let pressed = 0;
  let now = 0;

  const release = (key: number): void => {
    const note = keys.get(key);
    if (note === undefined) return;
    notes.push({ ...note, duration: now - note.onset });
    keys.delete(key);
  };
  const setPedal = (channel: number, down: boolean): void => {
    const before = pedalChannels.size;
    if (down) pedalChannels.add(channel);
    else pedalChannels.delete(channel);
    if (before === 0 && pedalChannels.size > 0) pressed = now;
    if (before > 0 && pedalChannels.size === 0 && now > pressed) pedal.push({ down: pressed, up: now });
  };

  for (const { tick, event } of events) {
    now = clock.advance(tick);
    assertComplete(event, name);
    if (event.type === 'setTempo') clock.setTempo(event.microsecondsPerBeat);
    if (!('channel' in event) || event.channel === percussionChannel) continue;
    if (event.type === 'noteOn' || event.type === 'noteOff') {
      const key = event.channel * 128 + event.noteNumber;
      release(key);
      if (event.type === 'noteOn') {
        keys.set(key, { onset: now, duration: 0, pitch: event.noteNumber, velocity: event.velocity });
      }
    } else if (event.type === 'controller' && event.controllerType === sustainPedal) {
      setPedal(event.channel, event.value >= pedalDown);
    }
  }
  // The end of the file releases all held keys.
  for (const key of [...keys.keys()]) release(key);
  for (const channel of [...pedalChannels]) setPedal(channel, false);
  if (notes.length === 0) throw unusable(name, 'the file has no notes');
  return { notes: sortNotes(notes), pedal };
}

/** Converts ticks to seconds, through the tempo changes so far. */
class Clock {
  private readonly ticksPerBeat: number | undefined;
  private secondsPerTick: number;
  private tick = 0;
  private seconds = 0;

  constructor(header: MidiHeader, name: string) {
    const { ticksPerBeat, framesPerSecond, ticksPerFrame } = header;
    this.ticksPerBeat = ticksPerBeat;
    if (ticksPerBeat !== undefined && ticksPerBeat > 0) {
      this.secondsPerTick = 0.5 / ticksPerBeat; // 120 beats per minute by default
    } else if (framesPerSecond !== undefined && ticksPerFrame !== undefined && ticksPerFrame > 0) {
      // SMPTE time has no tempo. Its 29 frames are 30 in 1.001 seconds.
      this.secondsPerTick = (framesPerSecond === 29 ? 1.001 / 30 : 1 / framesPerSecond) / ticksPerFrame;
    } else {
      throw unusable(name, 'the MIDI header has a time division of 0');
    }
  }

  advance(tick: number): number {
    this.seconds += (tick - this.tick) * this.secondsPerTick;
    this.tick = tick;
    return this.seconds;
  }

  setTempo(microsecondsPerBeat: number): void {
    if (this.ticksPerBeat !== undefined) this.secondsPerTick = microsecondsPerBeat / 1e6 / this.ticksPerBeat;
  }
}

// The parser reads undefined beyond the end of a track, and accepts any byte as a value of 7 bits.
function assertComplete(event: MidiEvent, name: string): void {
  for (const value of Object.values(event)) {
    if (value === undefined || Number.isNaN(value)) throw unusable(name, 'a track ends within an event');
  }
  if ('noteNumber' in event && event.noteNumber > 127)
    throw unusable(name, `it has a note ${event.noteNumber}`);
}

function unusable(name: string, problem: string): UserError {
  return new UserError(`${name}: ${problem}.`, 'Export it again as a standard MIDI file, or leave it out.');
}
