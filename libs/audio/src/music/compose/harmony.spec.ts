import { RandomStream, fold, randomKey } from '@fermata/core';

import { chordNamed, drawProgression, type CadenceKind } from './harmony';
import { bassClass, harmonyOf, memberClasses, pitchOf, relatedKeys, stepNear, type Key } from './theory';

const cMajor: Key = { tonic: 0, mode: 'major' };
const aMinor: Key = { tonic: 9, mode: 'minor' };
const spell = (key: Key, name: string): number[] => memberClasses(harmonyOf(key, chordNamed(name)));

describe('harmonyOf', () => {
  it.each<[Key, string, number[], number]>([
    [cMajor, 'I', [0, 4, 7], 0],
    [cMajor, 'ii6', [2, 5, 9], 5],
    [cMajor, 'IV', [5, 9, 0], 5],
    [cMajor, 'V7', [7, 11, 2, 5], 7],
    [cMajor, 'V65', [7, 11, 2, 5], 11],
    [cMajor, 'I64', [0, 4, 7], 7],
    [cMajor, 'vii6', [11, 2, 5], 2],
    [cMajor, 'V7/V', [2, 6, 9, 0], 2], // D F# A C
    [cMajor, 'V7/vi', [4, 8, 11, 2], 4], // E G# B D
    [cMajor, 'V7/IV', [0, 4, 7, 10], 0], // C E G B flat
    [cMajor, 'V7/ii', [9, 1, 4, 7], 9], // A C# E G
    [aMinor, 'I', [9, 0, 4], 9],
    [aMinor, 'V', [4, 8, 11], 4], // with the leading note G#
    [aMinor, 'VII', [7, 11, 2], 7], // without it
    [aMinor, 'vii6', [8, 11, 2], 11],
    [aMinor, 'iii', [0, 4, 7], 0],
    [aMinor, 'V7/III', [7, 11, 2, 5], 7],
    [aMinor, 'V7/V', [11, 3, 6, 9], 11], // B D# F# A
  ])('in %j spells %s', (key, name, members, bass) => {
    expect(spell(key, name)).toEqual(members);
    expect(bassClass(harmonyOf(key, chordNamed(name)))).toBe(bass);
  });

  it('gives the scale in steps, seven to the octave', () => {
    const tonic = harmonyOf(cMajor, chordNamed('I'));
    expect(Array.from({ length: 9 }, (_, n) => pitchOf(tonic, 35 + n))).toEqual([
      60, 62, 64, 65, 67, 69, 71, 72, 74,
    ]);
    expect(stepNear(cMajor, 60)).toBe(35);
    // Uses the ascending melodic scale for the dominant of A minor.
    const dominant = harmonyOf(aMinor, chordNamed('V'));
    expect(Array.from({ length: 8 }, (_, n) => pitchOf(dominant, 28 + n))).toEqual([
      57, 59, 60, 62, 64, 66, 68, 69,
    ]);
  });

  it('knows the related keys', () => {
    expect(relatedKeys(cMajor)).toContainEqual(aMinor);
    expect(relatedKeys(aMinor)).toContainEqual(cMajor);
    expect(relatedKeys(cMajor)).toContainEqual({ tonic: 7, mode: 'major' });
  });
});

describe('drawProgression', () => {
  it.each<[CadenceKind, string[]]>([
    ['authentic', ['V7', 'I']],
    ['imperfect', ['V', 'I']],
    ['half', ['V']],
    ['deceptive', ['V7', 'vi']],
  ])('ends with a cadence: %s', (cadence, ending) => {
    for (let seed = 0; seed < 20; seed++) {
      const random = new RandomStream(fold(randomKey('progressions'), seed));
      for (const mode of ['major', 'minor'] as const) {
        const progression = drawProgression(random, mode, { length: 6, first: 'I', cadence });
        expect(progression).toHaveLength(6);
        expect(progression[0]).toBe('I');
        expect(progression.slice(-ending.length)).toEqual(ending);
      }
    }
  });

  it('resolves applied dominants, and has no strangers to the mode', () => {
    const random = new RandomStream(randomKey('applied dominants'));
    const seen = new Set<string>();
    for (let n = 0; n < 500; n++) {
      const mode = n % 2 === 0 ? 'major' : 'minor';
      const progression = drawProgression(random, mode, { length: 8, first: 'I', cadence: 'authentic' });
      progression.forEach((name, index) => {
        seen.add(name);
        if (mode === 'major') expect(['VII', 'V7/III']).not.toContain(name);
        else expect(['ii', 'V7/ii']).not.toContain(name);
        if (name === 'V7/vi') expect(progression[index + 1]).toBe('vi');
        if (name === 'V7/ii') expect(progression[index + 1]).toBe('ii');
        if (name === 'V7/III') expect(progression[index + 1]).toBe('iii');
      });
    }
    expect(seen.size).toBeGreaterThanOrEqual(17);
  });

  it('reports an impossible progression', () => {
    const random = new RandomStream(randomKey(0));
    expect(() => drawProgression(random, 'major', { length: 2, first: 'iii', cadence: 'half' })).toThrow(
      RangeError,
    );
  });
});
