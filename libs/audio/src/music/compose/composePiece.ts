import { fold, RandomStream, type RandomKey } from '@fermata/core';

import type { Performance } from '../performance';
import { accompany, closingChord, type WrittenNote } from './accompaniment';
import { play, type ScoreNote } from './expression';
import { planForm, type Form, type PlannedSection, type Texture } from './form';
import type { CadenceKind } from './harmony';
import { metres, type Metre } from './metre';
import { styles } from './styles';
import { drawMotif, type ChordSpan, type Motif, type MotifForm, type ThemeNote } from './theme';
import { keyName, pitchOf, ticksPerQuarter, type Key } from './theory';

/** Composed piece: its performance and its structure. Ticks are 24 to the quarter note. */
export interface Piece extends Performance {
  readonly title: string;
  readonly key: Key;
  readonly metre: Metre['name'];
  /** Length of a bar, in ticks. */
  readonly bar: number;
  /** Tempo in quarter notes per minute, before rubato. */
  readonly tempo: number;
  readonly form: Form['name'];
  readonly notes: readonly ScoreNote[];
  readonly sections: readonly Section[];
  readonly cadences: readonly Cadence[];
  readonly motif: Motif;
  /** Returns of the motif: each repeats its rhythm and its steps, note for note, in the melody. */
  readonly occurrences: readonly Occurrence[];
}

export interface Section {
  readonly label: string;
  readonly start: number;
  readonly length: number;
  /** In seconds. */
  readonly onset: number;
  readonly accompaniment: string;
}

export interface Cadence {
  readonly kind: CadenceKind;
  readonly key: Key;
  /** Tick of the last chord. */
  readonly start: number;
}

export interface Occurrence {
  readonly start: number;
  /** In seconds. */
  readonly onset: number;
  readonly form: MotifForm;
  readonly key: Key;
  /** Scale steps from the first statement of the motif, octaves ignored. */
  readonly transposition: number;
}

export interface ComposeOptions {
  /** Range of the intended length, 40 to 120 seconds by default. The form decides the actual length. */
  readonly seconds?: readonly [from: number, to: number];
}

/**
 * Composes a piece for piano: a motif, a theme on it, digressions to related keys, returns, a coda. Phrases have four
 * bars and end in cadences. The accompaniment, the tempo and the manner of playing belong to one of several styles. The
 * same key gives the same piece.
 *
 * @throws RangeError if the range of lengths is empty or not positive
 */
export function composePiece(key: RandomKey, options: ComposeOptions = {}): Piece {
  const random = new RandomStream(fold(key, 'piece'));
  const [shortest, longest] = options.seconds ?? [40, 120];
  if (!(shortest > 0 && shortest <= longest && longest < Infinity)) {
    throw new RangeError(`a piece cannot last ${shortest} to ${longest} seconds`);
  }
  const seconds = shortest + (longest - shortest) * random.uniform();
  const style = random.pick(styles);
  const metre = metres[random.pick(style.metres)];
  const home: Key = { tonic: random.integer(12), mode: random.uniform() < 0.6 ? 'major' : 'minor' };
  const tempo = Math.round(style.tempo[0] + (style.tempo[1] - style.tempo[0]) * random.uniform());
  const barSeconds = ((metre.bar / ticksPerQuarter) * 60) / tempo;
  const periods = Math.max(1, Math.round((seconds / barSeconds - 4) / 8));
  const motif = drawMotif(key, metre, home);
  const { name, sections } = planForm(key, { periods, home, style, metre, motif });

  const notes: WrittenNote[] = [];
  const chords: ChordSpan[] = [];
  const places: (PlannedSection & { start: number })[] = [];
  let start = 0;
  sections.forEach((section, index) => {
    places.push({ ...section, start });
    const written = writeSection(section, metre, new RandomStream(fold(fold(key, 'section'), index)));
    notes.push(...written.map((note) => ({ ...note, start: note.start + start })));
    chords.push(...section.period.chords.map((span) => ({ ...span, start: span.start + start })));
    start += section.period.length;
  });
  const phrases = places.flatMap(({ period, texture, start: at }) =>
    period.phrases.map((phrase) => ({ ...phrase, start: phrase.start + at, loudness: texture.loudness })),
  );
  const score = { notes: holdLast(notes, start - metre.bar, metre.bar), chords, phrases, length: start };
  const playing = play(key, score, metre, style, tempo);

  return {
    title: `${style.name} in ${keyName(home)}`,
    key: home,
    metre: metre.name,
    bar: metre.bar,
    tempo,
    form: name,
    notes: playing.notes,
    pedal: playing.pedal,
    sections: places.map(({ label, period, texture, start: at }) => ({
      label,
      start: at,
      length: period.length,
      onset: playing.secondsAt(at),
      accompaniment: texture.pattern,
    })),
    cadences: places.flatMap(({ period, start: at }) =>
      period.phrases.map((phrase) => ({
        kind: phrase.cadence,
        key: period.chords.filter((span) => span.start < phrase.start + phrase.length).at(-1)!.harmony.key,
        start: at + phrase.start + phrase.length - metre.bar,
      })),
    ),
    motif,
    occurrences: places
      .filter(({ texture }) => !texture.ornamented)
      .flatMap(({ period, start: at }) =>
        period.occurrences.map((occurrence) => ({
          ...occurrence,
          start: at + occurrence.start,
          onset: playing.secondsAt(at + occurrence.start),
          key: period.chords.filter((span) => span.start <= occurrence.start).at(-1)!.harmony.key,
        })),
      ),
  };
}

/** Notes of a section, from tick 0 on. */
function writeSection(
  { label, period, texture }: PlannedSection,
  metre: Metre,
  random: RandomStream,
): WrittenNote[] {
  const theme = texture.ornamented ? ornament(period.melody) : period.melody;
  const melody = theme.flatMap((note) => melodyNotes(note, texture));
  const chords = label === 'coda' ? period.chords.slice(0, -1) : period.chords;
  const closing = label === 'coda' ? closingChord(period.chords[period.chords.length - 1], melody) : [];
  const accompaniment = [...accompany(texture.pattern, chords, melody, metre, random), ...closing];
  // The accompaniment omits keys that the melody strikes at the same time.
  const taken = new Set(melody.map(({ start, pitch }) => start * 128 + pitch));
  return [...melody, ...accompaniment.filter(({ start, pitch }) => !taken.has(start * 128 + pitch))];
}

function melodyNotes(
  { start, length, step, harmony }: ThemeNote,
  { shift, doubling }: Texture,
): WrittenNote[] {
  const pitch = pitchOf(harmony, step) + shift;
  const note: WrittenNote = { start, length, pitch, voice: 'melody' };
  if (doubling === 'none' || length < 12) return [note];
  // The sixth below is the third an octave lower, which stays clear of the melody.
  const second = doubling === 'octaves' ? pitch - 12 : pitchOf(harmony, step - 5) + shift;
  return [note, { ...note, pitch: second, voice: 'inner' }];
}

/** Divides each note of a beat or more into two; the second leads to the next note. */
function ornament(melody: readonly ThemeNote[]): ThemeNote[] {
  return melody.flatMap((note, index) => {
    const next = melody.at(index + 1);
    if (next === undefined || note.length < 24 || note.length > 48 || next.harmony.key !== note.harmony.key)
      return [note];
    const half = note.length / 2;
    const way = next.step - note.step;
    const between = Math.abs(way) === 2 ? note.step + way / 2 : note.step + (way < 0 ? 1 : way > 0 ? -1 : 1);
    return [
      { ...note, length: half },
      { ...note, start: note.start + half, length: half, step: between },
    ];
  });
}

/** Last bar: one held chord. */
function holdLast(notes: readonly WrittenNote[], start: number, length: number): WrittenNote[] {
  return notes
    .filter((note) => note.start <= start)
    .map((note) => (note.start === start ? { ...note, length } : note));
}
