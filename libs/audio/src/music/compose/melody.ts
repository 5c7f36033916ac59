import type { RandomStream } from '@fermata/core';

import { isMember, letterOf, pitchOf, type Harmony } from './theory';

/** A place in a melody: when, how strongly felt, over what harmony, and what is known already. Times are in ticks. */
export interface Slot {
  readonly start: number;
  readonly length: number;
  /** 0 between the beats, 1 on a beat, 2 on the first of the bar. */
  readonly strength: number;
  readonly harmony: Harmony;
  /** The step it must be, where it is part of the motif. */
  readonly step?: number;
  /** The letters it may be, where a cadence asks for them. */
  readonly letters?: readonly number[];
  /** Where the line should be about now, as a step. */
  readonly aim: number;
  /** MIDI pitch sounding below, which the line should not double in parallel. */
  readonly below?: number;
}

/** How much harder a leap is to sing than a step, by its size in steps. */
const intervalCosts = [1.3, 0, 0.6, 1.5, 2, 3, 4.5, 3.2, 8];
const forbidden = 1e6;

/**
 * The line of least cost through the slots: chord members on the beats, steps rather than leaps, leaps filled in
 * afterwards, passing and neighbouring notes entered and left by step, leading notes resolved, no parallel fifths and
 * octaves with what sounds below. A random cost on each note makes every key's line another one. Found by dynamic
 * programming over pairs of successive steps, since what may follow a leap depends on the leap.
 *
 * @param range lowest and highest step
 * @returns one step for each slot
 * @throws RangeError for an empty list of slots or a range that has no steps
 */
export function drawLine(
  slots: readonly Slot[],
  range: readonly [number, number],
  random: RandomStream,
): number[] {
  const [low, high] = range;
  const size = high - low + 1;
  if (slots.length === 0 || size < 1)
    throw new RangeError(`no line of ${slots.length} notes from ${low} to ${high}`);
  const alone = slots.map((slot) =>
    Array.from({ length: size }, (_, index) => noteCost(slot, low + index) + 1.5 * random.uniform()),
  );
  // costs[a * size + b]: of the best line up to here whose last two steps are a and b.
  let costs = new Float64Array(size * size);
  for (let a = 0; a < size; a++) for (let b = 0; b < size; b++) costs[a * size + b] = alone[0][b];
  const origins: Int16Array[] = [];
  for (let n = 1; n < slots.length; n++) {
    const next = new Float64Array(size * size).fill(Infinity);
    const origin = new Int16Array(size * size);
    for (let c = 0; c < size; c++) {
      if (alone[n][c] >= forbidden) continue;
      for (let b = 0; b < size; b++) {
        const step = alone[n][c] + moveCost(slots[n - 1], low + b, slots[n], low + c);
        for (let a = 0; a < size; a++) {
          const cost = costs[a * size + b] + step + (n > 1 ? turnCost(b - a, c - b) : 0);
          if (cost < next[b * size + c]) {
            next[b * size + c] = cost;
            origin[b * size + c] = a;
          }
        }
      }
    }
    costs = next;
    origins.push(origin);
  }

  let best = costs.reduce((least, cost, index) => (cost < costs[least] ? index : least), 0);
  const line: number[] = [];
  for (let n = slots.length - 1; n >= 0; n--) {
    line.unshift(low + (best % size));
    if (n > 0) best = origins[n - 1][best] * size + Math.floor(best / size);
  }
  return line;
}

function noteCost(slot: Slot, step: number): number {
  if (slot.step !== undefined) return slot.step === step ? 0 : forbidden;
  if (slot.letters !== undefined && !slot.letters.includes(letterOf(step))) return forbidden;
  const dissonance = isMember(slot.harmony, step) ? 0 : [0.7, 3, 7][slot.strength] + slot.length / 24;
  return dissonance + 0.12 * (step - slot.aim) ** 2;
}

function moveCost(from: Slot, step: number, to: Slot, next: number): number {
  const interval = next - step;
  const size = Math.abs(interval);
  const semitones = Math.abs(pitchOf(to.harmony, next) - pitchOf(from.harmony, step));
  let cost = intervalCosts[Math.min(size, intervalCosts.length - 1)] + (size > 8 ? 2 * (size - 8) : 0);
  // Augmented seconds and fourths, and chromatic half steps on one letter, are hard to sing.
  if ((size === 1 && semitones === 3) || (size === 3 && semitones === 6) || (size === 0 && semitones === 1))
    cost += 5;
  if (!isMember(from.harmony, step) && size !== 1) cost += 5;
  if (!isMember(to.harmony, next) && size > 1) cost += 4;
  const leading = from.harmony.members[1];
  const dominant = from.harmony.chord.root === (4 + from.harmony.chord.of) % 7;
  if (dominant && letterOf(step) === leading && from.harmony !== to.harmony && interval !== 1) cost += 2.5;
  if (from.below !== undefined && to.below !== undefined && from.below !== to.below) {
    const before = Math.abs(pitchOf(from.harmony, step) - from.below) % 12;
    const after = Math.abs(pitchOf(to.harmony, next) - to.below) % 12;
    if (before === after && (after === 0 || after === 7) && interval !== 0) cost += 12;
  }
  return cost;
}

/** A leap wants to be followed by a step back. */
function turnCost(first: number, second: number): number {
  if (Math.abs(first) < 3) return first === 0 && second === 0 ? 1.5 : 0;
  return (Math.sign(first) === Math.sign(second) ? 2.5 : 0) + (Math.abs(second) > 2 ? 1.5 : 0);
}
