import { fold, RandomStream, type RandomKey } from '@fermata/core';

import { chordNamed, drawProgression, type CadenceKind } from './harmony';
import { drawLine, type Slot } from './melody';
import { drawFilling, strengthAt, type Metre } from './metre';
import { bassClass, harmonyOf, isMember, stepNear, type Harmony, type Key } from './theory';

/** Motif of a piece: one bar. `steps` are counted from the tonic at transposition 0. */
export interface Motif {
  readonly rhythm: readonly number[];
  readonly steps: readonly number[];
}

/** statement: as first heard. sequence: moved along the scale. inversion: upside down. */
export type MotifForm = 'statement' | 'sequence' | 'inversion';

export interface ThemeNote {
  readonly start: number;
  readonly length: number;
  readonly step: number;
  readonly harmony: Harmony;
}

export interface ChordSpan {
  readonly start: number;
  readonly length: number;
  readonly harmony: Harmony;
  /** MIDI pitch of the bass. */
  readonly bass: number;
}

export interface ThemeOccurrence {
  readonly start: number;
  readonly form: MotifForm;
  /** Scale steps from the statement; for an inversion, from its mirror image. */
  readonly transposition: number;
}

/** Two phrases of four bars, from tick 0 on: everything needed to play a section. */
export interface Period {
  readonly key: Key;
  readonly length: number;
  readonly chords: readonly ChordSpan[];
  readonly melody: readonly ThemeNote[];
  readonly occurrences: readonly ThemeOccurrence[];
  readonly phrases: readonly {
    readonly start: number;
    readonly length: number;
    readonly cadence: CadenceKind;
  }[];
}

/** Role of each of the four bars of a phrase: the motif in some form, new material, or the arrival at the cadence. */
type Bar = MotifForm | 'filling' | 'arrival';

export interface PhrasePlan {
  readonly key: Key;
  readonly bars: readonly Bar[];
  readonly first: string;
  readonly cadence: CadenceKind;
}

/** Draws the motif: a distinctive rhythm on a line that begins and rests on members of the tonic chord. */
export function drawMotif(key: RandomKey, metre: Metre, home: Key): Motif {
  const random = new RandomStream(fold(key, 'motif'));
  const rhythm = random.pick(metre.motifs);
  const harmony = harmonyOf(home, chordNamed('I'));
  for (;;) {
    const [from, to] = [random.integer(7) - 2, random.integer(9) - 3];
    const bend = random.integer(7) - 3;
    const span = { start: 0, length: metre.bar, harmony };
    const aim = (u: number): number => from + (to - from) * u + bend * 4 * u * (1 - u);
    const slots = slotsOf(rhythm, 0, metre, [span], aim);
    const steps = drawLine(slots, [-5, 9], random);
    const moves = steps.slice(1).map((step, index) => step - steps[index]);
    // A line that stands still, or only moves one way, would not be recognised.
    const turns = moves.some((move) => move > 0) && moves.some((move) => move < 0);
    const held = moves.filter((move) => move === 0).length;
    if (turns && held <= 1 && Math.max(...steps) - Math.min(...steps) >= 3) return { rhythm, steps };
  }
}

/**
 * Draws a period of two phrases on the motif.
 *
 * @param plans two phrases; each may be in its own key
 * @param register MIDI pitch around which the melody lies
 */
export function drawPeriod(
  key: RandomKey,
  plans: readonly PhrasePlan[],
  metre: Metre,
  motif: Motif,
  register: number,
): Period {
  const phraseLength = 4 * metre.bar;
  const chords: ChordSpan[] = [];
  const melody: ThemeNote[] = [];
  const occurrences: ThemeOccurrence[] = [];
  const filling = drawFilling(metre, motif.rhythm, new RandomStream(fold(key, 'filling')));
  plans.forEach((plan, index) => {
    const random = new RandomStream(fold(fold(key, 'phrase'), index));
    const start = index * phraseLength;
    const spans = drawChords(plan, metre, start, chords.at(-1)?.bass ?? 43, random);
    const { slots, placed } = placeBars(plan, metre, motif, filling, spans, start, register, random);
    const before = melody.at(-1);
    const context: Slot[] =
      before?.harmony.key === plan.key ? [{ ...before, strength: 0, aim: before.step }] : [];
    const near = stepNear(plan.key, register);
    const fixed = [...context, ...slots].flatMap(({ step }) => step ?? []);
    const range: [number, number] = [Math.min(near - 6, ...fixed), Math.max(near + 7, ...fixed)];
    const line = drawLine([...context, ...slots], range, random).slice(context.length);
    chords.push(...spans);
    occurrences.push(...placed);
    slots.forEach(({ start: at, length, harmony }, n) =>
      melody.push({ start: at, length, step: line[n], harmony }),
    );
  });
  const phrases = plans.map(({ cadence }, index) => ({
    start: index * phraseLength,
    length: phraseLength,
    cadence,
  }));
  return { key: plans[0].key, length: plans.length * phraseLength, chords, melody, occurrences, phrases };
}

/** One chord per bar, two in the bar before the arrival and sometimes in the second bar. */
function drawChords(
  plan: PhrasePlan,
  metre: Metre,
  start: number,
  lastBass: number,
  random: RandomStream,
): ChordSpan[] {
  const twoInSecond = plan.bars[1] === 'filling' && random.uniform() < 0.5;
  const onsets = [0, metre.bar, ...(twoInSecond ? [metre.bar + metre.half] : [])];
  onsets.push(2 * metre.bar, 2 * metre.bar + metre.half, 3 * metre.bar);
  const names = drawProgression(random, plan.key.mode, { length: onsets.length, ...plan });
  let bass = lastBass;
  return names.map((name, index) => {
    const harmony = harmonyOf(plan.key, chordNamed(name));
    bass = nearestPitch(bassClass(harmony), 0.75 * bass + 0.25 * 43, 36, 50);
    const end = onsets.at(index + 1) ?? 4 * metre.bar;
    return { start: start + onsets[index], length: end - onsets[index], harmony, bass };
  });
}

function placeBars(
  plan: PhrasePlan,
  metre: Metre,
  motif: Motif,
  filling: readonly number[],
  spans: readonly ChordSpan[],
  start: number,
  register: number,
  random: RandomStream,
): { slots: Slot[]; placed: ThemeOccurrence[] } {
  const slots: Slot[] = [];
  const placed: ThemeOccurrence[] = [];
  const centre = stepNear(plan.key, register);
  const middle = (Math.max(...motif.steps) + Math.min(...motif.steps)) / 2;
  const tonic = 7 * Math.round((centre - middle) / 7);
  const swing = random.uniform() * 3;
  plan.bars.forEach((bar, index) => {
    const at = start + index * metre.bar;
    const harmonies = spans.filter((span) => span.start < at + metre.bar && span.start + span.length > at);
    // A phrase rises towards its third bar and falls at its end.
    const aim = (u: number): number => centre - 1 + (1 + swing) * Math.sin((Math.PI * (index + u)) / 4);
    if (bar === 'filling' || bar === 'arrival') {
      const free = random.uniform() < 0.6 ? filling : random.pick(metre.fillings);
      const bars = slotsOf(bar === 'arrival' ? random.pick(metre.arrivals) : free, at, metre, harmonies, aim);
      if (bar === 'arrival') bars[0] = { ...bars[0], letters: arrivalLetters(plan.cadence, bars[0].harmony) };
      slots.push(...bars);
      return;
    }
    const shape = bar === 'inversion' ? motif.steps.map((step) => 2 * motif.steps[0] - step) : motif.steps;
    const bars = slotsOf(motif.rhythm, at, metre, harmonies, aim);
    const transposition = bar === 'statement' ? tonic : bestTransposition(shape, bars);
    const moved = transposition - tonic;
    placed.push({
      start: at,
      form: bar === 'sequence' && moved === 0 ? 'statement' : bar,
      transposition: moved,
    });
    slots.push(...bars.map((slot, n) => ({ ...slot, step: shape[n] + transposition })));
  });
  return { slots, placed };
}

/**
 * Slots for the notes of a rhythm, over the chords that sound with them. `aim` maps 0 … 1 along the rhythm to a height.
 */
function slotsOf(
  rhythm: readonly number[],
  start: number,
  metre: Metre,
  spans: readonly (Omit<ChordSpan, 'bass'> & { readonly bass?: number })[],
  aim: (along: number) => number,
): Slot[] {
  let at = start;
  return rhythm.map((length) => {
    const span = spans.filter((candidate) => candidate.start <= at).at(-1) ?? spans[0];
    const slot = {
      start: at,
      length,
      strength: strengthAt(metre, at),
      harmony: span.harmony,
      aim: aim((at - start) / metre.bar),
      ...(span.bass !== undefined && { below: span.bass }),
    };
    at += length;
    return slot;
  });
}

/** Transposition of the motif at which it rests on members of the chords, near the target height. */
function bestTransposition(shape: readonly number[], slots: readonly Slot[]): number {
  const middle = Math.round((Math.max(...shape) + Math.min(...shape)) / 2);
  const near = Math.round(slots[0].aim) - middle;
  let best = near;
  let least = Infinity;
  for (let transposition = near - 4; transposition <= near + 4; transposition++) {
    const clashes = slots.reduce((sum, { harmony, strength, length }, n) => {
      return sum + (isMember(harmony, shape[n] + transposition) ? 0 : (strength + 0.3) * (1 + length / 24));
    }, 0);
    const cost = clashes + 0.5 * Math.abs(transposition - near);
    if (cost < least) [best, least] = [transposition, cost];
  }
  return best;
}

/** Letters on which a phrase may come to rest. */
function arrivalLetters(cadence: CadenceKind, harmony: Harmony): readonly number[] {
  if (cadence === 'authentic') return [0];
  if (cadence === 'imperfect') return [2, 4];
  return harmony.members;
}

/** Pitch of a pitch class nearest to `near`, within the range (an octave at least). */
export function nearestPitch(pitchClass: number, near: number, low: number, high: number): number {
  let pitch = pitchClass + 12 * Math.round((near - pitchClass) / 12);
  while (pitch < low) pitch += 12;
  while (pitch > high) pitch -= 12;
  return pitch;
}
