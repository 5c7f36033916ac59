import type { Pattern } from './accompaniment';
import type { Metre } from './metre';

/** Style of a piece: its bars, tempo, textures and manner of playing. */
export interface Style {
  readonly name: string;
  readonly metres: readonly Metre['name'][];
  /** Range of the tempo, in quarter notes per minute. */
  readonly tempo: readonly [number, number];
  readonly patterns: readonly Pattern[];
  /** True if the sustain pedal changes with every chord; false if it stays up. */
  readonly pedal: boolean;
  /** Held share of the written length of an accompanying note. */
  readonly touch: number;
  /** Slowing of the tempo within a phrase, as a share of it. */
  readonly rubato: number;
}

export const styles: readonly Style[] = [
  {
    name: 'Waltz',
    metres: ['3/4'],
    tempo: [126, 168],
    patterns: ['after-beats', 'broken chords', 'after-beats'],
    pedal: true,
    touch: 0.7,
    rubato: 0.07,
  },
  {
    name: 'Nocturne',
    metres: ['4/4'],
    tempo: [60, 76],
    patterns: ['wide arpeggios', 'broken chords'],
    pedal: true,
    touch: 1,
    rubato: 0.1,
  },
  {
    name: 'Sonatina',
    metres: ['4/4'],
    tempo: [104, 138],
    patterns: ['alberti', 'broken chords', 'block chords', 'alberti'],
    pedal: false,
    touch: 0.95,
    rubato: 0.03,
  },
  {
    name: 'Hymn',
    metres: ['4/4', '3/4'],
    tempo: [66, 88],
    patterns: ['chorale', 'block chords'],
    pedal: true,
    touch: 0.98,
    rubato: 0.06,
  },
  {
    name: 'Invention',
    metres: ['4/4', '3/4'],
    tempo: [76, 104],
    patterns: ['counter-melody', 'walking bass'],
    pedal: false,
    touch: 0.85,
    rubato: 0.02,
  },
  {
    name: 'Minuet',
    metres: ['3/4'],
    tempo: [104, 132],
    patterns: ['counter-melody', 'block chords', 'walking bass'],
    pedal: false,
    touch: 0.85,
    rubato: 0.03,
  },
  {
    name: 'Barcarolle',
    metres: ['6/8'],
    tempo: [72, 100],
    patterns: ['broken chords', 'wide arpeggios', 'after-beats'],
    pedal: true,
    touch: 0.95,
    rubato: 0.08,
  },
  {
    name: 'March',
    metres: ['4/4'],
    tempo: [96, 120],
    patterns: ['after-beats', 'block chords', 'walking bass'],
    pedal: false,
    touch: 0.55,
    rubato: 0.02,
  },
  {
    name: 'Song',
    metres: ['4/4', '3/4', '6/8'],
    tempo: [66, 92],
    patterns: ['broken chords', 'alberti', 'wide arpeggios', 'chorale'],
    pedal: true,
    touch: 0.97,
    rubato: 0.08,
  },
];
