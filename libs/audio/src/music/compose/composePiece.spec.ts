import { fold, randomKey } from '@fermata/core';

import { performanceLength } from '../performance';
import { composePiece, type Piece } from './composePiece';
import type { ScoreNote } from './expression';
import type { Key } from './theory';

const pieces = Array.from({ length: 60 }, (_, seed) => composePiece(fold(randomKey('pieces'), seed)));

/** Fit of each degree to a key (Krumhansl and Kessler, 1982), from the tonic upwards. */
const profiles = {
  major: [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
  minor: [6.33, 2.68, 3.52, 5.38, 2.6, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17],
};

/** Key whose profile correlates best with the duration of each pitch class. */
function findKey(notes: readonly ScoreNote[]): Key {
  const durations = new Array<number>(12).fill(0);
  for (const { pitch, duration } of notes) durations[pitch % 12] += duration;
  const candidates = (['major', 'minor'] as const).flatMap((mode) =>
    Array.from({ length: 12 }, (_, tonic) => ({ tonic, mode })),
  );
  const fit = ({ tonic, mode }: Key): number =>
    correlation(
      profiles[mode],
      profiles[mode].map((__, degree) => durations[(degree + tonic) % 12]),
    );
  return candidates.reduce((best, key) => (fit(key) > fit(best) ? key : best));
}

function correlation(x: readonly number[], y: readonly number[]): number {
  const centred = (values: readonly number[]): number[] => {
    const mean = values.reduce((sum, value) => sum + value) / values.length;
    return values.map((value) => value - mean);
  };
  const [a, b] = [centred(x), centred(y)];
  const product = (c: number[], d: number[]): number => c.reduce((sum, value, n) => sum + value * d[n], 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

const melodyOf = (piece: Piece, start: number, length: number): ScoreNote[] =>
  piece.notes
    .filter((note) => note.voice === 'melody' && note.start >= start && note.start < start + length)
    .sort((a, b) => a.start - b.start);
const soundingAt = (piece: Piece, tick: number): ScoreNote[] =>
  piece.notes
    .filter(({ start, length }) => start <= tick && start + length > tick)
    .sort((a, b) => a.pitch - b.pitch);
const intervals = (notes: readonly ScoreNote[]): number[] =>
  notes.slice(1).map(({ pitch }, n) => pitch - notes[n].pitch);

describe('composePiece', () => {
  it('writes in the stated key, by Krumhansl’s key finding', () => {
    const right = pieces.filter(({ notes, key }) => {
      const found = findKey(notes);
      return found.tonic === key.tonic && found.mode === key.mode;
    });
    expect(right.length / pieces.length).toBeGreaterThan(0.9);
  });

  it('begins and ends on the tonic', () => {
    for (const piece of pieces) {
      const end = Math.max(...piece.notes.map(({ start }) => start));
      const [first, last] = [soundingAt(piece, 0), soundingAt(piece, end)];
      expect(first[0].pitch % 12).toBe(piece.key.tonic);
      expect(last[0].pitch % 12).toBe(piece.key.tonic);
      expect(last[last.length - 1].pitch % 12).toBe(piece.key.tonic);
    }
  });

  it('has cadences at the stated places', () => {
    for (const piece of pieces) {
      expect(piece.cadences.length).toBe(piece.sections.length * 2 - 1); // the coda is one phrase
      for (const { kind, key, start } of piece.cadences) {
        const melody = melodyOf(piece, start, 1)[0].pitch % 12;
        const bass = soundingAt(piece, start)[0].pitch % 12;
        const dominant = (key.tonic + 7) % 12;
        expect(bass).toBe(kind === 'half' ? dominant : key.tonic);
        if (kind === 'half') continue;
        // The dominant enters in the second half of the bar before.
        const half = piece.metre === '6/8' ? 36 : 48;
        expect(soundingAt(piece, start - piece.bar + half)[0].pitch % 12).toBe(dominant);
        if (kind === 'authentic') expect(melody).toBe(key.tonic);
      }
    }
  });

  it('repeats its motif note for note at each stated return', () => {
    for (const piece of pieces) {
      const { rhythm, steps } = piece.motif;
      const original = intervals(melodyOf(piece, 0, piece.bar));
      expect(piece.occurrences.length).toBeGreaterThanOrEqual(4);
      for (const { start, form, key } of piece.occurrences) {
        const notes = melodyOf(piece, start, piece.bar);
        expect(notes.map(({ length }) => length)).toEqual(rhythm);
        if (form === 'statement' && key.mode === piece.key.mode && start % (4 * piece.bar) === 0) {
          expect(intervals(notes)).toEqual(original);
        }
        // Moves along the scale: the same number of steps, each a semitone or a tone.
        intervals(notes).forEach((semitones, n) => {
          const expected = (form === 'inversion' ? -1 : 1) * (steps[n + 1] - steps[n]);
          expect(Math.abs(semitones - (12 / 7) * expected)).toBeLessThan(1.6);
        });
      }
    }
  });

  it('brings the motif back in every section that is not ornamented, moved and upside down too', () => {
    const forms = new Set(pieces.flatMap(({ occurrences }) => occurrences.map(({ form }) => form)));
    expect(forms).toEqual(new Set(['statement', 'sequence', 'inversion']));
    for (const { occurrences, sections, form } of pieces) {
      const stated = sections.filter(({ start, length }) =>
        occurrences.some((occurrence) => occurrence.start >= start && occurrence.start < start + length),
      );
      if (form !== 'variations') expect(stated).toHaveLength(sections.length);
      expect(stated[0].label).toBe('A');
    }
  });

  it('returns to its theme after going to another key', () => {
    const ternary = pieces.filter(({ form }) => form === 'ternary' || form === 'rondo');
    expect(ternary.length).toBeGreaterThan(10);
    for (const piece of ternary) {
      const sections = piece.sections.filter(({ label }) => label === 'A');
      const themes = sections.map(({ start, length }) => melodyOf(piece, start, length));
      for (const theme of themes) expect(intervals(theme)).toEqual(intervals(themes[0]));
      const away = piece.sections.find(({ label }) => label === 'B');
      const keys = piece.cadences.filter(
        ({ start }) => start >= away!.start && start < away!.start + away!.length,
      );
      expect(keys[0].key).not.toEqual(piece.key);
      expect(keys[1]).toMatchObject({ key: piece.key, kind: 'half' });
    }
  });

  it('leads its outer voices well: hardly any parallel fifths and octaves', () => {
    let moves = 0;
    let parallels = 0;
    for (const piece of pieces) {
      const chordal = piece.sections.filter(({ accompaniment }) => /chorale|block/.test(accompaniment));
      for (const tick of new Set(piece.notes.map(({ start }) => start))) {
        // Within the section: each phrase begins anew.
        if (!chordal.some(({ start, length }) => tick > start && tick < start + length)) continue;
        const [before, after] = [soundingAt(piece, tick - 1), soundingAt(piece, tick)];
        if (before.at(-1)?.voice !== 'melody' || before[0].pitch === after[0].pitch) continue;
        if (before.at(-1)!.pitch === after.at(-1)!.pitch) continue;
        moves += 1;
        const [first, second] = [before, after].map((chord) => (chord.at(-1)!.pitch - chord[0].pitch) % 12);
        if (first === second && (first === 0 || first === 7)) parallels += 1;
      }
    }
    expect(moves).toBeGreaterThan(30);
    expect(parallels / moves).toBeLessThan(0.05);
  });

  it('keeps to the piano, to the hands and to sensible loudness', () => {
    for (const { notes } of pieces) {
      const within = (of: (note: ScoreNote) => number, low: number, high: number): boolean =>
        notes.every((note) => of(note) >= low && of(note) <= high);
      expect(within(({ pitch }) => pitch, 28, 103)).toBe(true);
      expect(within(({ velocity }) => velocity, 12, 115)).toBe(true);
      expect(within(({ onset }) => onset, 0, 200)).toBe(true);
      expect(within(({ duration }) => duration, 0.03, 12)).toBe(true);
      // A key must be released before it is struck again.
      const freeFrom = new Map<number, number>();
      const clashes = notes.filter(({ pitch, onset, duration }) => {
        const clash = onset < (freeFrom.get(pitch) ?? 0) - 0.03;
        freeFrom.set(pitch, onset + duration);
        return clash;
      });
      expect(clashes).toEqual([]);
    }
  });

  it('plays the stated pulse, with rubato and a broad ending', () => {
    for (const piece of pieces) {
      const [first, second] = [piece.sections[0], piece.sections[1]];
      const pulse = ((second.start - first.start) / 24) * (60 / (second.onset - first.onset));
      expect(pulse / piece.tempo).toBeGreaterThan(0.85);
      expect(pulse / piece.tempo).toBeLessThan(1.1);
    }
  });

  it('is another piece for another key, and the same for the same', () => {
    expect(composePiece(fold(randomKey('pieces'), 7))).toEqual(pieces[7]);
    const different = (of: (piece: Piece) => unknown): number =>
      new Set(pieces.map((piece) => JSON.stringify(of(piece)))).size;
    expect(different(({ motif }) => motif)).toBeGreaterThan(50);
    expect(different(({ key }) => key)).toBeGreaterThan(15);
    expect(different(({ title }) => title.split(' ')[0])).toBeGreaterThan(6);
    expect(different(({ form }) => form)).toBeGreaterThan(3);
    expect(different(({ sections }) => sections[0].accompaniment)).toBeGreaterThan(6);
  });

  it('lasts about as long as requested', () => {
    for (const seconds of [20, 60, 200]) {
      const lengths = Array.from({ length: 6 }, (_, seed) =>
        performanceLength(composePiece(fold(randomKey('lengths'), seed), { seconds: [seconds, seconds] })),
      );
      const mean = lengths.reduce((sum, length) => sum + length) / lengths.length;
      expect(Math.abs(mean - seconds)).toBeLessThan(15 + 0.1 * seconds);
    }
    for (const seconds of [
      [0, 10],
      [20, 10],
      [10, Infinity],
      [NaN, 10],
    ] as const) {
      expect(() => composePiece(randomKey(0), { seconds })).toThrow(RangeError);
    }
  });
});
