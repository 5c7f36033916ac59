import type { Note, PedalPress } from '../performance';
import type { MidiEvent } from './smf';

const sustainPedal = 64; // controller number
const pedalDown = 64; // controller values from here on mean that the pedal is down
const resetControllers = 121;
const percussionChannel = 9; // channel 10 of General MIDI: its notes are drums

/** Seconds after which no string of a piano sounds any longer, however long its key is held. */
export const longestSound = 60;

// All sound off, all notes off, and the changes of mode that let go of all keys too.
const letsGoOfAll = (controller: number) => controller === 120 || controller >= 123;

/** A key of one track and channel: two staves may strike the same key. */
interface Key {
  readonly notes: Note[];
  /** Notes not let go yet, in the order of their strokes. */
  open: OpenNote[];
}

interface OpenNote {
  readonly onset: number;
  readonly pitch: number;
  readonly velocity: number;
  /** Time of the last release of the key that ended an earlier note. */
  passed?: number;
}

/** Collects notes and pedal from the events of a MIDI file, given in the order of time. */
export class PerformanceBuilder {
  private readonly keys = new Map<number, Key>();
  /** Keys with open notes, by channel. */
  private readonly held = new Map<number, Set<Key>>();
  private readonly pedalChannels = new Set<number>();
  private readonly pedal: PedalPress[] = [];
  private pressed = 0;
  private percussion = 0;
  private now = 0;
  /** End of each track, in seconds. */
  private readonly ends = new Map<number, number>();

  /** @param seconds time of the event */
  add(event: MidiEvent, track: number, seconds: number): void {
    this.now = seconds;
    if (event.kind === 'end') this.ends.set(track, seconds);
    if (!('channel' in event)) return;
    if (event.channel === percussionChannel) {
      if (event.kind === 'note on') this.percussion++;
      return;
    }
    if (event.kind === 'controller') {
      this.control(event.channel, event.controller, event.value);
      return;
    }
    const key = this.keyOf(track, event.channel, event.key);
    if (event.kind === 'note on') {
      this.strike(key, event.key, event.velocity);
      this.heldIn(event.channel).add(key);
    } else this.release(key);
  }

  /** Ends everything that still sounds. Notes are in no particular order. */
  finish(): { notes: Note[]; pedal: PedalPress[]; percussion: number } {
    for (const [id, { open, notes }] of this.keys) {
      const end = this.ends.get(Math.floor(id / keysOfTrack)) ?? this.now;
      for (const note of open) notes.push(ended(note, note.passed ?? end));
    }
    for (const channel of [...this.pedalChannels]) this.setPedal(channel, false);
    const notes = [...this.keys.values()].flatMap((key) => withoutOverlap(key.notes));
    const last = notes.reduce((latest, { onset, duration }) => Math.max(latest, onset + duration), 0);
    const pedal = this.pedal.filter(({ down }) => down <= last);
    return {
      notes,
      pedal: pedal.map(({ down, up }) => ({ down, up: Math.min(up, last + longestSound) })),
      percussion: this.percussion,
    };
  }

  private keyOf(track: number, channel: number, key: number): Key {
    const id = track * keysOfTrack + channel * 128 + key;
    const known = this.keys.get(id);
    if (known !== undefined) return known;
    const made: Key = { notes: [], open: [] };
    this.keys.set(id, made);
    return made;
  }

  private heldIn(channel: number): Set<Key> {
    const held = this.held.get(channel) ?? new Set();
    this.held.set(channel, held);
    return held;
  }

  private strike(key: Key, pitch: number, velocity: number): void {
    // A note whose own release is missing ended with the note before it.
    for (const note of key.open) if (note.passed !== undefined) key.notes.push(ended(note, note.passed));
    key.open = key.open.filter(({ passed }) => passed === undefined);
    key.open.push({ onset: this.now, pitch, velocity });
  }

  // A release ends the note that was struck first: at the tick of a new stroke it may come behind that stroke.
  private release({ open, notes }: Key): void {
    const note = open.shift();
    if (note === undefined) return;
    notes.push(ended(note, this.now));
    for (const other of open) if (other.onset < this.now) other.passed = this.now;
  }

  private control(channel: number, controller: number, value: number): void {
    if (controller === sustainPedal) this.setPedal(channel, value >= pedalDown);
    else if (controller === resetControllers) this.setPedal(channel, false);
    else if (letsGoOfAll(controller)) {
      const held = this.heldIn(channel);
      for (const key of held) {
        for (const note of key.open) key.notes.push(ended(note, this.now));
        key.open = [];
      }
      held.clear();
    }
  }

  private setPedal(channel: number, down: boolean): void {
    const before = this.pedalChannels.size;
    if (down) this.pedalChannels.add(channel);
    else this.pedalChannels.delete(channel);
    if (before === 0 && this.pedalChannels.size > 0) this.pressed = this.now;
    if (before > 0 && this.pedalChannels.size === 0 && this.now > this.pressed) {
      this.pedal.push({ down: this.pressed, up: this.now });
    }
  }
}

const keysOfTrack = 16 * 128;

function ended({ onset, pitch, velocity }: OpenNote, end: number): Note {
  return { onset, duration: Math.min(end - onset, longestSound), pitch, velocity };
}

/** Notes of one key, each cut off where the next begins. */
function withoutOverlap(notes: readonly Note[]): Note[] {
  const inOrder = [...notes].sort((a, b) => a.onset - b.onset);
  return inOrder.map((note, index) => {
    const next = index + 1 < inOrder.length ? inOrder[index + 1].onset : Infinity;
    return { ...note, duration: Math.min(note.duration, next - note.onset) };
  });
}
