import type { RandomStream } from '@fermata/core';

import { drawLine, type Slot } from './melody';
import { strengthAt, type Metre } from './metre';
import { isMember, memberClasses, pitchOf, stepNear, type Harmony } from './theory';
import type { ChordSpan } from './theme';

export type Voice = 'melody' | 'inner' | 'bass';

/** Note of the score. Times are in ticks. */
export interface WrittenNote {
  readonly start: number;
  readonly length: number;
  readonly pitch: number;
  readonly voice: Voice;
}

/** Pattern of the left hand. */
export type Pattern =
  | 'alberti'
  | 'broken chords'
  | 'block chords'
  | 'after-beats'
  | 'wide arpeggios'
  | 'chorale'
  | 'walking bass'
  | 'counter-melody';

/** Chord as played by a hand: its bass, and members above it from low to high. */
interface VoicedChord {
  readonly span: ChordSpan;
  readonly upper: readonly number[];
}

/**
 * Composes the accompaniment of some chords.
 *
 * @param melody notes that the accompaniment stays below where possible
 */
export function accompany(
  pattern: Pattern,
  chords: readonly ChordSpan[],
  melody: readonly WrittenNote[],
  metre: Metre,
  random: RandomStream,
): WrittenNote[] {
  if (pattern === 'counter-melody') return counterMelody(chords, metre, random);
  if (pattern === 'walking bass') {
    return chords
      .flatMap((span, index) => walk(span, chords.at(index + 1), metre))
      .concat(offBeats(chords, melody, metre));
  }
  return voiceChords(chords, melody, 50, 64).flatMap((chord) => figures[pattern](chord, metre));
}

/** Last chord of a piece. */
export function closingChord(span: ChordSpan, melody: readonly WrittenNote[]): WrittenNote[] {
  const [{ upper }] = voiceChords([span], melody, 50, 64);
  return [
    { start: span.start, length: span.length, pitch: span.bass, voice: 'bass' },
    ...chordAt(span.start, span.length, upper),
  ];
}

/** Setting of one chord in each pattern. */
const figures: Readonly<
  Record<
    Exclude<Pattern, 'counter-melody' | 'walking bass'>,
    (chord: VoicedChord, metre: Metre) => WrittenNote[]
  >
> = {
  alberti: ({ span, upper }) => {
    const lowest = span.bass + 12 < upper[1] ? span.bass + 12 : span.bass;
    const [middle, highest] = upper.filter((pitch) => pitch > lowest);
    return running(span, 12, [lowest, highest, middle, highest], 'inner');
  },
  'broken chords': ({ span, upper }, metre) => {
    const order = metre.beat === 36 || metre.bar === 72 ? [0, 1, 2, 3, 2, 1] : [0, 1, 2, 3];
    const tones = [span.bass, ...upper];
    return running(
      span,
      12,
      order.map((index) => tones[index]),
      'inner',
    );
  },
  'wide arpeggios': ({ span, upper }) => {
    const rising = [
      span.bass,
      upper[1] - 12 > span.bass ? upper[1] - 12 : upper[0],
      upper[0],
      upper[1],
      upper[2],
      upper[1],
    ];
    return running(span, 12, [...rising, upper[0], upper[1]], 'inner');
  },
  'block chords': ({ span, upper }, metre) => [
    { start: span.start, length: span.length, pitch: span.bass, voice: 'bass' },
    ...beatsOf(span, metre.half).flatMap(([start, length]) => chordAt(start, length, upper)),
  ],
  'after-beats': ({ span, upper }, metre) =>
    beatsOf(span, metre.beat === 36 ? 12 : metre.beat).flatMap(([start, length], index): WrittenNote[] => {
      const strong = index === 0 || (metre.name === '4/4' && (start % metre.bar) % metre.half === 0);
      const low = index === 0 ? span.bass : fifthBelow(span, upper);
      return strong ? [{ start, length, pitch: low, voice: 'bass' }] : chordAt(start, length, upper);
    }),
  chorale: ({ span, upper }, metre) =>
    beatsOf(span, metre.half).flatMap(([start, length]): WrittenNote[] => [
      { start, length, pitch: span.bass, voice: 'bass' },
      ...chordAt(start, length, upper.slice(1)),
    ]),
};

/**
 * Chooses three members above each bass, with the least movement from chord to chord: the whole chord except perhaps
 * its fifth, closely spaced, below the melody, without parallel fifths or octaves against the bass.
 */
function voiceChords(
  chords: readonly ChordSpan[],
  melody: readonly WrittenNote[],
  low: number,
  high: number,
): VoicedChord[] {
  let previous: { span: ChordSpan; upper: readonly number[] } | undefined;
  return chords.map((span) => {
    const sounding = melody.filter(
      ({ start, length }) => start < span.start + span.length && start + length > span.start,
    );
    const ceiling = Math.min(high, ...sounding.map(({ pitch }) => pitch - 1));
    const classes = memberClasses(span.harmony);
    const candidates: number[] = [];
    // An octave contains all members; under a low melody the hand moves down.
    const lowest = Math.max(span.bass + 1, Math.min(low, ceiling - 11));
    for (let pitch = lowest; pitch <= Math.max(ceiling, lowest + 11); pitch++) {
      if (classes.includes(pitch % 12)) candidates.push(pitch);
    }
    let best: number[] | undefined;
    let least = Infinity;
    candidates.forEach((first, a) => {
      candidates.slice(a + 1).forEach((second, b) => {
        for (const third of candidates.slice(a + b + 2)) {
          const upper = [first, second, third];
          const cost = voicingCost(span, upper, classes, previous);
          if (cost < least) [best, least] = [upper, cost];
        }
      });
    });
    if (best === undefined)
      throw new RangeError(`no voicing of ${span.harmony.chord.name} over bass ${span.bass}`);
    previous = { span, upper: best };
    return previous;
  });
}

function voicingCost(
  span: ChordSpan,
  upper: readonly number[],
  classes: readonly number[],
  previous: VoicedChord | undefined,
): number {
  const present = new Set([span.bass, ...upper].map((pitch) => pitch % 12));
  let cost = 0;
  classes.forEach((pitchClass, member) => {
    if (!present.has(pitchClass)) cost += member === 2 ? 2 : 12;
  });
  // A third that is a leading note is not doubled.
  if (upper.filter((pitch) => pitch % 12 === classes[1]).length > 1) cost += 3;
  for (let n = 1; n < upper.length; n++) cost += Math.max(0, upper[n] - upper[n - 1] - 7);
  if (previous === undefined) return cost + Math.abs(upper[1] - 57) / 3;
  upper.forEach((pitch, n) => {
    const from = previous.upper[n];
    cost += Math.abs(pitch - from) / 2;
    const before = (from - previous.span.bass) % 12;
    const parallel = before === (pitch - span.bass) % 12 && (before === 0 || before === 7) && pitch !== from;
    if (parallel && span.bass !== previous.span.bass) cost += 4;
  });
  return cost;
}

/** Even notes that cycle through the pitches, from the beginning of the chord. */
function running(span: ChordSpan, grid: number, pitches: readonly number[], voice: Voice): WrittenNote[] {
  return beatsOf(span, grid).map(([start, length], index) => ({
    start,
    length,
    pitch: pitches[index % pitches.length],
    voice: index === 0 ? 'bass' : voice,
  }));
}

function chordAt(start: number, length: number, pitches: readonly number[]): WrittenNote[] {
  return pitches.map((pitch) => ({ start, length, pitch, voice: 'inner' }));
}

/** Parts of a chord's time, `grid` ticks long except perhaps the last: `[start, length]`. */
function beatsOf(span: ChordSpan, grid: number): [number, number][] {
  const count = Math.ceil(span.length / grid);
  return Array.from({ length: count }, (_, index) => {
    const offset = index * grid;
    return [span.start + offset, Math.min(grid, span.length - offset)];
  });
}

/** Note for the second strong beat of a bar: another member, below the bass note if possible. */
function fifthBelow(span: ChordSpan, upper: readonly number[]): number {
  const below = upper
    .map((pitch) => pitch - 24)
    .filter((pitch) => pitch >= 36 && pitch % 12 !== span.bass % 12);
  return below.length > 0 ? below[below.length - 1] : span.bass;
}

/** Walking bass: from each chord's bass over members of the chord to a neighbour of the next bass. */
function walk(span: ChordSpan, next: ChordSpan | undefined, metre: Metre): WrittenNote[] {
  const { harmony } = span;
  const beats = beatsOf(span, metre.beat);
  const from = stepOfPitch(span, span.bass);
  const to = next === undefined ? from : stepNear(harmony.key, next.bass);
  const neighbour = to > from ? to - 1 : to + 1;
  return beats.map(([start, length], index) => {
    const onTheWay = from + 2 * index * (neighbour < from ? -1 : 1);
    const step =
      index === 0 ? from : index === beats.length - 1 ? neighbour : nearestMember(harmony, onTheWay);
    return { start, length, pitch: pitchOf(harmony, step), voice: 'bass' };
  });
}

function nearestMember(harmony: Harmony, step: number): number {
  return [step, step - 1, step + 1].find((candidate) => isMember(harmony, candidate)) ?? step;
}

function stepOfPitch({ harmony }: ChordSpan, pitch: number): number {
  const near = stepNear(harmony.key, pitch);
  return [near, near - 1, near + 1].find((step) => pitchOf(harmony, step) === pitch) ?? near;
}

/** Light chords between the beats of a walking bass. */
function offBeats(chords: readonly ChordSpan[], melody: readonly WrittenNote[], metre: Metre): WrittenNote[] {
  return voiceChords(chords, melody, 52, 65).flatMap(({ span, upper }) =>
    beatsOf(span, metre.beat)
      .filter((_, index) => index % 2 === 1)
      .flatMap(([start, length]) => chordAt(start, length, upper.slice(1))),
  );
}

/** Second melody in the left hand, in even notes, from bass to bass. */
function counterMelody(chords: readonly ChordSpan[], metre: Metre, random: RandomStream): WrittenNote[] {
  const grid = metre.beat === 36 ? 12 : random.uniform() < 0.5 ? 12 : 24;
  const slots = chords.flatMap((span) =>
    beatsOf(span, grid).map(([start, length], index): Slot => {
      const step = stepOfPitch(span, span.bass);
      const strength = strengthAt(metre, start);
      const aim = step + 3;
      return { start, length, strength, harmony: span.harmony, aim, ...(index === 0 && { step }) };
    }),
  );
  const fixed = slots.flatMap(({ step }) => step ?? []);
  const line = drawLine(slots, [Math.min(...fixed), Math.max(...fixed) + 7], random);
  return slots.map(({ start, length, harmony }, n) => ({
    start,
    length,
    pitch: pitchOf(harmony, line[n]),
    voice: strengthAt(metre, start) === 2 ? 'bass' : 'inner',
  }));
}
