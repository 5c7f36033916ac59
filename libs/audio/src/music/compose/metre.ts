import type { RandomStream } from '@fermata/core';

/** Bar: its length, its beats and its rhythms, all in ticks. */
export interface Metre {
  readonly name: '4/4' | '3/4' | '6/8';
  readonly bar: number;
  readonly beat: number;
  /** Start of a second chord in the bar. */
  readonly half: number;
  /** Distinctive rhythms for motifs. */
  readonly motifs: readonly (readonly number[])[];
  /** Rhythms for bars in between. */
  readonly fillings: readonly (readonly number[])[];
  /** Rhythms for the bar in which a phrase arrives; the rest of the bar is silent. */
  readonly arrivals: readonly (readonly number[])[];
}

export const metres: Readonly<Record<Metre['name'], Metre>> = {
  '4/4': {
    name: '4/4',
    bar: 96,
    beat: 24,
    half: 48,
    motifs: [
      [36, 12, 24, 24],
      [24, 12, 12, 24, 24],
      [12, 12, 24, 12, 12, 24],
      [48, 24, 12, 12],
      [36, 12, 12, 12, 24],
      [24, 36, 12, 24],
      [24, 24, 12, 12, 12, 12],
      [36, 6, 6, 24, 24],
      [12, 24, 12, 24, 24],
    ],
    fillings: [
      [24, 24, 24, 24],
      [48, 24, 24],
      [24, 24, 48],
      [12, 12, 12, 12, 24, 24],
      [24, 12, 12, 24, 12, 12],
      [36, 12, 36, 12],
      [24, 24, 12, 12, 24],
    ],
    arrivals: [[96], [72], [48], [48, 24]],
  },
  '3/4': {
    name: '3/4',
    bar: 72,
    beat: 24,
    half: 48,
    motifs: [
      [36, 12, 12, 12],
      [24, 12, 12, 24],
      [12, 12, 24, 24],
      [24, 24, 12, 12],
      [18, 6, 24, 24],
      [12, 12, 12, 12, 24],
    ],
    fillings: [
      [24, 24, 24],
      [48, 24],
      [24, 12, 12, 12, 12],
      [36, 12, 24],
      [12, 12, 12, 12, 12, 12],
      [24, 48],
    ],
    arrivals: [[72], [48], [24, 24]],
  },
  '6/8': {
    name: '6/8',
    bar: 72,
    beat: 36,
    half: 36,
    motifs: [
      [24, 12, 12, 12, 12],
      [18, 6, 12, 24, 12],
      [24, 12, 24, 12],
      [36, 12, 12, 12],
      [12, 12, 12, 24, 12],
    ],
    fillings: [
      [24, 12, 24, 12],
      [36, 24, 12],
      [36, 36],
      [12, 12, 12, 12, 12, 12],
      [24, 12, 36],
    ],
    arrivals: [[72], [36], [60]],
  },
};

/** Stress of a tick: 2 on the first beat of the bar, 1 on another beat, 0 between the beats. */
export function strengthAt(metre: Metre, tick: number): number {
  const position = tick % metre.bar;
  return position === 0 ? 2 : position % metre.beat === 0 ? 1 : 0;
}

/** Picks a rhythm other than the motif's, of similar density. */
export function drawFilling(metre: Metre, motif: readonly number[], random: RandomStream): readonly number[] {
  const weights = metre.fillings.map((rhythm) => {
    const same = rhythm.length === motif.length && rhythm.every((length, index) => length === motif[index]);
    return same ? 0 : 1 / (1 + Math.abs(rhythm.length - motif.length));
  });
  return metre.fillings[random.weighted(weights)];
}
