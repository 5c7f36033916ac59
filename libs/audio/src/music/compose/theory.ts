/** Ticks per quarter note. Musical time is counted in whole ticks, so that bars and beats compare exactly. */
export const ticksPerQuarter = 24;

export type Mode = 'major' | 'minor';

export interface Key {
  /** Pitch class: 0 is C, 9 is A. */
  readonly tonic: number;
  readonly mode: Mode;
}

/** Chord relative to a key. Letters are degrees of the scale counted from 0: the dominant is letter 4. */
export interface Chord {
  readonly name: string;
  /** Letter of the root. */
  readonly root: number;
  readonly seventh: boolean;
  /** Member in the bass: 0 the root, 1 the third, 2 the fifth. */
  readonly inversion: 0 | 1 | 2;
  /** Letter whose dominant this chord is; 0 (the tonic) for the chords of the key itself. */
  readonly of: number;
  /** In minor: true if it takes the leading note instead of the seventh degree of the natural scale. */
  readonly leading: boolean;
}

/** Chord in its key, with the scale that holds while it sounds. */
export interface Harmony {
  readonly key: Key;
  readonly chord: Chord;
  /** Semitones of the seven letters above the tonic, with the alterations of the chord. */
  readonly scale: readonly number[];
  /** Letters of the chord's members, root first. */
  readonly members: readonly number[];
}

const naturalScale: Readonly<Record<Mode, readonly number[]>> = {
  major: [0, 2, 4, 5, 7, 9, 11],
  minor: [0, 2, 3, 5, 7, 8, 10],
};

/** Places a chord in a key, with its scale. */
export function harmonyOf(key: Key, chord: Chord): Harmony {
  const scale = [...naturalScale[key.mode]];
  const members = [0, 2, 4, ...(chord.seventh ? [6] : [])].map((third) => (chord.root + third) % 7);
  if (chord.of !== 0) {
    // A secondary dominant seventh: its members replace the letters that they share with the scale.
    const target = scale[chord.of];
    [7, 11, 14, 17].forEach((interval, index) => {
      const letter = (chord.root + 2 * index) % 7;
      scale[letter] = nearestOctave(target + interval, naturalScale[key.mode][letter]);
    });
  } else if (key.mode === 'minor' && chord.leading) {
    scale[6] = 11;
    if (chord.root === 4) scale[5] = 9; // uses the ascending melodic scale: no augmented second below the leading note
  }
  return { key, chord, scale, members };
}

/**
 * MIDI pitch of a step. Steps count letters upwards from the tonic of the lowest octave, seven to the octave. Adding
 * the same number to every step of a melody moves it along the scale.
 */
export function pitchOf(harmony: Harmony, step: number): number {
  const letter = letterOf(step);
  return 12 * ((step - letter) / 7) + harmony.scale[letter] + harmony.key.tonic;
}

export function letterOf(step: number): number {
  return ((step % 7) + 7) % 7;
}

/** Step nearest to a MIDI pitch in the natural scale of a key. */
export function stepNear(key: Key, pitch: number): number {
  return Math.round(((pitch - key.tonic) * 7) / 12);
}

export function isMember(harmony: Harmony, step: number): boolean {
  return harmony.members.includes(letterOf(step));
}

/** Pitch class of the note in the bass. */
export function bassClass({ key, scale, members, chord }: Harmony): number {
  return (((key.tonic + scale[members[chord.inversion]]) % 12) + 12) % 12;
}

/** Pitch classes of the chord's members, root first. */
export function memberClasses({ key, scale, members }: Harmony): number[] {
  return members.map((letter) => (((key.tonic + scale[letter]) % 12) + 12) % 12);
}

/** Keys of middle sections: dominant, relative and subdominant, or their substitutes in minor. */
export function relatedKeys({ tonic, mode }: Key): Key[] {
  const key = (interval: number, other: Mode): Key => ({ tonic: (tonic + interval) % 12, mode: other });
  return mode === 'major'
    ? [key(7, 'major'), key(9, 'minor'), key(5, 'major')]
    : [key(3, 'major'), key(5, 'minor'), key(7, 'minor')];
}

const noteNames = ['C', 'C sharp', 'D', 'E flat', 'E', 'F', 'F sharp', 'G', 'A flat', 'A', 'B flat', 'B'];

/** Name of a key, such as `A flat major`. */
export function keyName({ tonic, mode }: Key): string {
  return `${noteNames[tonic]} ${mode}`;
}

function nearestOctave(semitones: number, near: number): number {
  return semitones - 12 * Math.round((semitones - near) / 12);
}
