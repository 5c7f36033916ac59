import type { RandomStream } from '@fermata/core';

import { isMember, letterOf, pitchOf, type Harmony } from './theory';

/** Position in a melody: its time, its stress, its harmony and its constraints. Times are in ticks. */
export interface Slot {
  readonly start: number;
  readonly length: number;
  /** Stress: 0 between the beats, 1 on a beat, 2 on the first beat of the bar. */
  readonly strength: number;
  readonly harmony: Harmony;
  /** Required step, if the position belongs to the motif. */
  readonly step?: number;
  /** Permitted letters, if a cadence requires them. */
  readonly letters?: readonly number[];
  /** Target height of the line, as a step. */
  readonly aim: number;
  /** MIDI pitch sounding below, which the line should not double in parallel. */
  readonly below?: number;
}

/** Step that a slot may take. */
interface Candidate {
  readonly step: number;
  readonly pitch: number;
  /** True for a member of the chord. */
  readonly member: boolean;
  /** Cost of the note by itself. */
  readonly cost: number;
}

/** Cost of a leap relative to a step, by its size in steps. */
const intervalCosts = [1.3, 0, 0.6, 1.5, 2, 3, 4.5, 3.2, 8];
/** Weight of chance against all other costs. */
const whim = 1.5;

/**
 * Finds the line of least cost through the slots: chord members on the beats, steps rather than leaps, leaps filled in
 * afterwards, passing and neighbouring notes entered and left by step, leading notes resolved, no parallel fifths and
 * octaves with the notes below. A random cost on each note makes each key give a different line. It uses dynamic
 * programming over pairs of successive steps, because the note after a leap depends on the leap.
 *
 * @param range lowest and highest step
 * @returns one step for each slot
 * @throws RangeError if a slot has no step within the range
 */
export function drawLine(
  slots: readonly Slot[],
  range: readonly [number, number],
  random: RandomStream,
): number[] {
  const columns = slots.map((slot) => candidatesOf(slot, range, random));
  // costs[b][a]: cost of the best line so far that ends with candidate a of the previous column and b of this one.
  let costs = columns[0].map(({ cost }) => [cost]);
  const origins: number[][][] = [];
  for (let n = 1; n < columns.length; n++) {
    const before = n > 1 ? columns[n - 2] : undefined;
    const origin: number[][] = [];
    costs = columns[n].map((to, c) => {
      origin[c] = [];
      return columns[n - 1].map((from, b) => {
        const move = to.cost + moveCost(slots[n - 1], from, slots[n], to);
        const second = to.step - from.step;
        let least = Infinity;
        costs[b].forEach((cost, a) => {
          const total =
            cost + move + (before === undefined ? 0 : turnCost(from.step - before[a].step, second));
          if (total < least) [least, origin[c][b]] = [total, a];
        });
        return least;
      });
    });
    origins.push(origin);
  }

  const last = costs.map((row) => Math.min(...row));
  let b = last.indexOf(Math.min(...last));
  let a = costs[b].indexOf(last[b]);
  const line = [columns[columns.length - 1][b].step];
  for (let n = columns.length - 2; n >= 0; n--) {
    line.unshift(columns[n][a].step);
    if (n > 0) [b, a] = [a, origins[n][b][a]];
  }
  return line;
}

function candidatesOf(slot: Slot, [low, high]: readonly [number, number], random: RandomStream): Candidate[] {
  const candidates: Candidate[] = [];
  for (let step = low; step <= high; step++) {
    const chance = whim * random.uniform();
    if (slot.step !== undefined && slot.step !== step) continue;
    if (slot.letters !== undefined && !slot.letters.includes(letterOf(step))) continue;
    const member = isMember(slot.harmony, step);
    const dissonance = member ? 0 : [0.7, 3, 7][slot.strength] + slot.length / 24;
    const cost = chance + dissonance + 0.12 * (step - slot.aim) ** 2;
    candidates.push({ step, pitch: pitchOf(slot.harmony, step), member, cost });
  }
  if (candidates.length === 0)
    throw new RangeError(`no step from ${low} to ${high} suits the slot at ${slot.start}`);
  return candidates;
}

function moveCost(before: Slot, from: Candidate, after: Slot, to: Candidate): number {
  const interval = to.step - from.step;
  const size = Math.abs(interval);
  const semitones = Math.abs(to.pitch - from.pitch);
  let cost = size < intervalCosts.length ? intervalCosts[size] : 8 + 2 * (size - 8);
  // Augmented seconds and fourths, and chromatic half steps on one letter, are hard to sing.
  const augmented = (size === 1 && semitones === 3) || (size === 3 && semitones === 6);
  if (augmented || (size === 0 && semitones === 1)) cost += 5;
  if (!from.member && size !== 1) cost += 5;
  if (!to.member && size > 1) cost += 4;
  const { chord, members } = before.harmony;
  const leading = chord.root === (4 + chord.of) % 7 && letterOf(from.step) === members[1];
  if (leading && before.harmony !== after.harmony && interval !== 1) cost += 2.5;
  if (before.below !== undefined && after.below !== undefined && before.below !== after.below) {
    const first = Math.abs(from.pitch - before.below) % 12;
    const second = Math.abs(to.pitch - after.below) % 12;
    if (first === second && (second === 0 || second === 7) && interval !== 0) cost += 12;
  }
  return cost;
}

/** Cost of leaving a leap: it should be followed by a step back. */
function turnCost(first: number, second: number): number {
  if (first > -3 && first < 3) return first === 0 && second === 0 ? 1.5 : 0;
  return (first > 0 === second > 0 && second !== 0 ? 2.5 : 0) + (second > 2 || second < -2 ? 1.5 : 0);
}
