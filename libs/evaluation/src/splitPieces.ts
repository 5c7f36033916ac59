import type { Dataset, Split } from '@fermata/data';
import { piecesOf } from '@fermata/data';
import { fold, RandomStream, randomKey } from '@fermata/core';

/** A sequence to evaluate on, read part by part. */
export interface SequencePiece {
  /** Id, unique among the pieces of an evaluation. */
  readonly id: string;
  /** Length in timesteps. */
  readonly length: number;
  /** Reads symbols `[length]` from `start` on. */
  read(start: number, length: number): ArrayLike<number>;
}

/**
 * Takes the pieces of a split for evaluation.
 *
 * @param timesteps most timesteps to evaluate on, over all pieces. If the split has more, a common limit on lengths
 *   gives about this sum, so that all pieces contribute. A longer piece is represented by an excerpt at a place drawn
 *   by its id, because beginnings are quieter than the rest
 */
export function splitPieces(dataset: Dataset, split: Split, timesteps = Infinity): SequencePiece[] {
  const pieces = piecesOf(dataset, split);
  const longest = lengthLimit(
    pieces.map((piece) => piece.length),
    timesteps,
  );
  return pieces.map((piece) => {
    const length = Math.min(piece.length, longest);
    const first = new RandomStream(fold(excerptKey, piece.id)).integer(piece.length - length + 1);
    return {
      id: piece.id,
      length,
      read: (start, count) => dataset.read(piece, first + start, count),
    };
  });
}

const excerptKey = randomKey('excerpt to evaluate on');

/**
 * Finds the limit that leaves about `total` of the lengths' sum: short pieces stay whole, and the longer ones share the
 * rest.
 */
function lengthLimit(lengths: readonly number[], total: number): number {
  let rest = total;
  const ascending = [...lengths].sort((a, b) => a - b);
  for (const [index, length] of ascending.entries()) {
    const share = Math.floor(rest / (ascending.length - index));
    if (length > share) return share;
    rest -= length;
  }
  return Infinity;
}
