import { RandomStream, UserError, type RandomKey } from '@fermata/core';

import type { PieceInfo, Split } from './format';
import { timed, type Dataset } from './reader';

export interface ExcerptOptions {
  readonly split: Split;
  /** Timesteps of each excerpt. */
  readonly length: number;
  readonly count: number;
  /** Excerpts start at multiples of this, so that codes of that hop align with them. */
  readonly multipleOf?: number;
  readonly key: RandomKey;
}

/** Pieces of a split, in the order of the dataset. */
export function piecesOf(dataset: Dataset, split: Split): PieceInfo[] {
  return dataset.pieces.filter((piece) => piece.split === split);
}

/** Seconds of music in a split. @throws UserError if the dataset has no rate */
export function secondsOf(dataset: Dataset, split: Split): number {
  return piecesOf(dataset, split).reduce((sum, piece) => sum + piece.length, 0) / timed(dataset).rate;
}

/**
 * Draws random excerpts of a split. Each lies within one piece and starts at a multiple of `multipleOf`; all such
 * starts in the split are equally likely. The same key and data give the same excerpts.
 *
 * @returns symbols `[count, length]`, row after row
 * @throws UserError if every piece of the split is shorter than `length`
 */
export function randomExcerpts(dataset: Dataset, options: ExcerptOptions): Int32Array {
  const { split, length, count, multipleOf = 1, key } = options;
  if (!Number.isInteger(length) || length < 1)
    throw new RangeError(`an excerpt of ${length} timesteps cannot be drawn`);
  if (!Number.isInteger(multipleOf) || multipleOf < 1)
    throw new RangeError(`multipleOf ${multipleOf} is not 1 or more`);

  const pieces = piecesOf(dataset, split);
  // ends[i]: number of possible starts in the pieces up to and including i.
  const ends: number[] = [];
  let total = 0;
  for (const piece of pieces) {
    if (piece.length >= length) total += Math.floor((piece.length - length) / multipleOf) + 1;
    ends.push(total);
  }
  if (total === 0) {
    const longest = pieces.reduce((most, piece) => Math.max(most, piece.length), 0);
    const { rate } = dataset;
    const inWords = (symbols: number): string =>
      rate === undefined ? `${symbols} symbols` : `${(symbols / rate).toFixed(2)} s`;
    throw new UserError(
      `The ${split} split has no piece of ${inWords(length)}: its longest has ${inWords(longest)}.`,
      'Add longer recordings, or choose a smaller scale.',
    );
  }

  const stream = new RandomStream(key);
  const excerpts = new Int32Array(count * length);
  for (let row = 0; row < count; row++) {
    const drawn = stream.integer(total);
    const index = ends.findIndex((end) => drawn < end);
    const start = (drawn - (index === 0 ? 0 : ends[index - 1])) * multipleOf;
    excerpts.set(dataset.read(pieces[index], start, length), row * length);
  }
  return excerpts;
}
