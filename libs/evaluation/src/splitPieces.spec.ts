import type { Dataset, PieceInfo } from '@fermata/data';

import { splitPieces } from './splitPieces';

const lengths = { a: 100, b: 10, c: 50, d: 80 };
const pieces = Object.entries(lengths).map(([id, length]): PieceInfo => {
  return { id, source: 'spec', split: id === 'a' ? 'train' : 'test', length };
});

// Only the part of a dataset that splitPieces reads: every symbol is its own position.
const dataset = {
  pieces,
  read: (_: PieceInfo, start: number, length: number) =>
    Uint8Array.from({ length }, (_element, i) => start + i),
} as unknown as Dataset;

describe('splitPieces', () => {
  const lengthsOf = (timesteps?: number) =>
    Object.fromEntries(splitPieces(dataset, 'test', timesteps).map(({ id, length }) => [id, length]));

  it('are those of the split', () => {
    expect(lengthsOf()).toEqual({ b: 10, c: 50, d: 80 });
    expect(Array.from(splitPieces(dataset, 'test')[1].read(7, 3))).toEqual([7, 8, 9]);
  });

  it.each([
    [140, { b: 10, c: 50, d: 80 }],
    [139, { b: 10, c: 50, d: 79 }],
    [91, { b: 10, c: 40, d: 40 }],
    [30, { b: 10, c: 10, d: 10 }],
    [15, { b: 5, c: 5, d: 5 }],
  ])('share %d timesteps so that all contribute', (timesteps, expected) => {
    expect(lengthsOf(timesteps)).toEqual(expected);
  });

  it('take excerpts from the same places each time, within their pieces', () => {
    const firsts = (timesteps: number) =>
      splitPieces(dataset, 'test', timesteps).map(({ length, read }) => {
        const symbols = Array.from(read(0, length));
        expect(symbols).toEqual(Array.from({ length }, (_, i) => symbols[0] + i));
        return symbols[0];
      });
    expect(firsts(30)).toEqual(firsts(30));
    const [b, c, d] = firsts(30);
    expect(b).toBe(0);
    for (const [first, last] of [
      [c, 40],
      [d, 70],
    ]) {
      expect(first).toBeGreaterThan(0);
      expect(first).toBeLessThanOrEqual(last);
    }
  });
});
