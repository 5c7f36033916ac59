import { fold, RandomStream, type RandomKey } from '@fermata/core';

import { sortNotes, type Note, type PedalPress } from '../performance';
import type { Voice, WrittenNote } from './accompaniment';
import { strengthAt, type Metre } from './metre';
import type { Style } from './styles';
import { ticksPerQuarter } from './theory';
import type { ChordSpan } from './theme';

/** Note as written and as played. */
export interface ScoreNote extends Note {
  /** In ticks, 24 to the quarter note. */
  readonly start: number;
  readonly length: number;
  readonly voice: Voice;
}

/** Score of a whole piece, to be played. */
export interface Score {
  readonly notes: readonly WrittenNote[];
  readonly chords: readonly ChordSpan[];
  readonly phrases: readonly { readonly start: number; readonly length: number; readonly loudness: number }[];
  readonly length: number;
}

export interface Playing {
  readonly notes: readonly ScoreNote[];
  readonly pedal: readonly PedalPress[];
  /** Converts a tick to seconds. */
  readonly secondsAt: (tick: number) => number;
}

const grid = 6; // ticks between two values of the tempo curve
const before = 0.4; // seconds of silence at the beginning

/**
 * Plays a score like a pianist: phrases swell and ebb in tempo and loudness, endings broaden, the melody is louder than
 * its accompaniment and a little ahead of it, time and touch are slightly irregular, and the pedal changes after each
 * change of harmony.
 *
 * @param tempo quarter notes per minute
 */
export function play(key: RandomKey, score: Score, metre: Metre, style: Style, tempo: number): Playing {
  const secondsAt = tempoCurve(new RandomStream(fold(key, 'tempo')), score, metre, style, tempo);
  const random = new RandomStream(fold(key, 'touch'));
  const notes = score.notes.map((note): ScoreNote => {
    const { start, length, pitch, voice } = note;
    const written = secondsAt(start);
    const spread = voice === 'inner' ? 0.00025 * Math.max(0, pitch - 48) : 0; // arpeggiates chords from below
    const lead = voice === 'melody' ? -0.01 : 0;
    const onset = Math.max(0, written + lead + spread + 0.005 * random.normal());
    const last = start >= score.length - metre.bar;
    const touch = last ? 1 : voice === 'melody' ? Math.max(style.touch, 0.9) : style.touch;
    const release = written + touch * (secondsAt(start + length) - written);
    const velocity = Math.round(loudnessOf(note, score, metre) + 2 * random.normal());
    return {
      onset,
      duration: Math.max(0.05, release - onset + 0.01 * random.normal()),
      pitch,
      velocity: Math.max(12, Math.min(115, velocity)),
      start,
      length,
      voice,
    };
  });
  return { notes: letGo(sortNotes(notes)), pedal: style.pedal ? pedalling(score, secondsAt) : [], secondsAt };
}

function tempoCurve(
  random: RandomStream,
  { phrases, length }: Score,
  metre: Metre,
  style: Style,
  tempo: number,
): (tick: number) => number {
  const count = Math.ceil(length / grid);
  const seconds = new Float64Array(count + 1);
  seconds[0] = before;
  let drift = 0;
  for (let n = 0; n < count; n++) {
    const tick = n * grid;
    const phrase = phrases.filter(({ start }) => start <= tick).at(-1)!;
    const along = (tick - phrase.start) / phrase.length;
    const ending = Math.max(0, 1 - (phrase.start + phrase.length - tick) / metre.bar);
    const last = phrase.start + phrase.length >= length;
    drift = 0.98 * drift + 0.002 * random.normal();
    const swell = style.rubato * (Math.sin(Math.PI * along) - 0.6);
    const broadening = ending ** 2 * (last ? 0.4 : 0.03 + 1.2 * style.rubato);
    const pace = tempo * (1 + swell + drift) * (1 - broadening);
    seconds[n + 1] = seconds[n] + ((grid / ticksPerQuarter) * 60) / pace;
  }
  return (tick) => {
    const position = Math.min(tick / grid, count);
    const index = Math.min(Math.floor(position), count - 1);
    return seconds[index] + (position - index) * (seconds[index + 1] - seconds[index]);
  };
}

function loudnessOf({ start, pitch, voice }: WrittenNote, { phrases, length }: Score, metre: Metre): number {
  const index = phrases.filter((phrase) => phrase.start <= start).length - 1;
  const phrase = phrases[index];
  const along = (start - phrase.start) / phrase.length;
  const arch = 7 * Math.sin(Math.PI * Math.min(1, 1.25 * along)) - 3;
  // Grows before a louder phrase; the last bars fade.
  const coming = Math.max(0, (phrases.at(index + 1)?.loudness ?? 0) - phrase.loudness) * along ** 3;
  const fading = start >= length - 2 * metre.bar ? -5 : 0;
  const accent = [0, 2, 4][strengthAt(metre, start)];
  const part = { melody: 7 + 0.3 * Math.max(-12, Math.min(12, pitch - 72)), inner: -9, bass: -3 }[voice];
  return phrase.loudness + arch + coming + fading + accent + part;
}

/** Releases a key before it is struck again. */
function letGo(notes: readonly ScoreNote[]): ScoreNote[] {
  const next = new Map<number, number>();
  return notes
    .map((_, index) => notes[notes.length - 1 - index])
    .map((note) => {
      const again = next.get(note.pitch) ?? Infinity;
      next.set(note.pitch, note.onset);
      return { ...note, duration: Math.max(0.03, Math.min(note.duration, again - note.onset - 0.02)) };
    })
    .reverse();
}

/** Presses the pedal a little after each chord has sounded, and releases it with the next one. */
function pedalling({ chords }: Score, secondsAt: (tick: number) => number): PedalPress[] {
  return chords.map(({ start, length }) => ({
    down: secondsAt(start) + 0.09,
    up: secondsAt(start + length) + 0.02,
  }));
}
