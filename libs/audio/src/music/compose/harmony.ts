import type { RandomStream } from '@fermata/core';

import type { Chord, Mode } from './theory';

/**
 * Ending of a phrase. authentic: dominant to tonic, the melody on the tonic. imperfect: the same with the melody on
 * another member. half: on the dominant. deceptive: dominant to submediant.
 */
export type CadenceKind = 'authentic' | 'imperfect' | 'half' | 'deceptive';

/** Last chords of each cadence. */
const cadenceChords: Readonly<Record<CadenceKind, readonly string[]>> = {
  authentic: ['V7', 'I'],
  imperfect: ['V', 'I'],
  half: ['V'],
  deceptive: ['V7', 'vi'],
};

/** Successors of each chord in functional harmony, with weights. */
const successors: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  I: {
    V: 2.5,
    V6: 1.5,
    V7: 1,
    V65: 1,
    IV: 3,
    ii: 1.5,
    ii6: 1,
    vi: 2.5,
    iii: 0.6,
    I6: 1.2,
    vii6: 0.7,
    VII: 0.6,
    'V7/IV': 0.5,
    'V7/vi': 0.5,
    'V7/V': 0.4,
    'V7/III': 0.5,
  },
  I6: { IV: 2.5, ii6: 2, ii: 1, V: 1.5, vii6: 0.5, vi: 0.7 },
  I64: { V7: 4, V: 2 },
  ii: { V: 3, V7: 2, V6: 1, vii6: 0.7, 'V7/V': 0.4 },
  ii6: { V: 3, V7: 3, I64: 1.5 },
  iii: { vi: 3, IV: 2 },
  IV: { V: 3, V7: 2, I: 1.5, I6: 1, ii: 1.2, ii6: 0.6, I64: 1.2, vii6: 0.4 },
  V: { I: 5, vi: 1.5, I6: 1 },
  V6: { I: 5 },
  V7: { I: 5, vi: 1.2 },
  V65: { I: 5 },
  vi: { IV: 3, ii: 2.5, ii6: 1.2, 'V7/V': 1, 'V7/ii': 0.5, iii: 0.5, I6: 0.5, V: 1, VII: 0.4 },
  vii6: { I: 3, I6: 2 },
  VII: { iii: 3 },
  'V7/ii': { ii: 1 },
  'V7/III': { iii: 1 },
  'V7/IV': { IV: 3, ii6: 1 },
  'V7/V': { V: 3, V7: 1.5 },
  'V7/vi': { vi: 1 },
};

/**
 * In major this excludes the subtonic chord; in minor the supertonic is diminished and only allowed as a sixth chord.
 */
const strangers: Readonly<Record<Mode, ReadonlySet<string>>> = {
  major: new Set(['VII', 'V7/III']),
  minor: new Set(['ii', 'V7/ii']),
};

/**
 * Draws a progression: a random walk over the successors above, conditioned on its beginning and its end (each step is
 * drawn with its weight times the total weight of all walks from there to the end).
 *
 * @param length number of chords, including the cadence
 * @returns names of chords
 * @throws RangeError if no such progression exists
 */
export function drawProgression(
  random: RandomStream,
  mode: Mode,
  options: { length: number; first: string; cadence: CadenceKind },
): string[] {
  const ending = cadenceChords[options.cadence];
  const names = Object.keys(successors).filter((name) => !strangers[mode].has(name));
  const walk = options.length - ending.length;
  // ways[k]: total weight of the walks of k more steps from each chord into the ending.
  const ways: Map<string, number>[] = [new Map(names.map((name) => [name, weight(name, ending[0])]))];
  for (let k = 1; k < walk; k++) {
    const next = ways[k - 1];
    ways.push(
      new Map(
        names.map((name) => [name, names.reduce((sum, to) => sum + weight(name, to) * next.get(to)!, 0)]),
      ),
    );
  }
  const weightOfAll = walk < 1 ? 0 : (ways[walk - 1].get(options.first) ?? 0);
  if (weightOfAll === 0) {
    throw new RangeError(
      `no progression of ${options.length} chords from ${options.first} to ${options.cadence}`,
    );
  }
  const progression = [options.first];
  for (let k = walk - 2; k >= 0; k--) {
    const last = progression[progression.length - 1];
    progression.push(names[random.weighted(names.map((to) => weight(last, to) * ways[k].get(to)!))]);
  }
  return [...progression, ...ending];
}

/** Chord of a name such as `ii6`, `V7`, `V7/vi`. */
export function chordNamed(name: string): Chord {
  const [symbol, target] = name.split('/') as [string, string?];
  const [, numeral, figures] = /^([IViv]+)(\d*)$/.exec(symbol)!;
  const seventh = figures === '7' || figures === '65';
  const inversion = figures === '6' || figures === '65' ? 1 : figures === '64' ? 2 : 0;
  const of = target === undefined ? 0 : numerals.indexOf(target.toUpperCase());
  const degree = numerals.indexOf(numeral.toUpperCase());
  return {
    name,
    root: (degree + of) % 7,
    seventh,
    inversion,
    of,
    leading: numeral === 'V' || numeral === 'vii',
  };
}

const numerals = ['I', 'II', 'III', 'IV', 'V', 'VI', 'VII'];

function weight(from: string, to: string): number {
  return successors[from][to] ?? 0;
}
