import { UserError } from '@fermata/core';
import { piecesOf, type Split, type TimedDataset } from '@fermata/data';
import { splitPieces } from '@fermata/evaluation';

import { rowNamed, type Row } from '../rows';
import type { Scale } from '../scales';
import { lengthsNeeded, levelsOf, samplesPerSymbol, type PieceLengths } from '../sequences';
import type { RowArgument } from './rowRun';

/**
 * Checks before any training that the data are long enough to train and score rows and the rows below them, and for the
 * points of profiles.
 *
 * @throws UserError if the longest piece of a split is too short
 */
export function requireEnoughMusic(dataset: TimedDataset, scale: Scale, rows: readonly Row[]): void {
  const { receptiveFields, budget } = scale.profile;
  const within = scale.scoredMinutes * 60 * dataset.rate;
  const needs = rows.flatMap(levelsOf).flatMap((row): PieceLengths[] => {
    const samples = samplesPerSymbol(row.sequence, scale);
    const profile = {
      trained: samples * budget.cropLength,
      scored: samples * (Math.max(...receptiveFields) + 1),
      within,
    };
    return [lengthsNeeded(row, scale), profile];
  });
  requireLengths(dataset, needs, {
    heldOut: 'test',
    whose: `scale ${scale.name}`,
    remedy: 'Add longer recordings.',
  });
}

/**
 * Checks the same as {@link requireEnoughMusic}, for the training of one row with its settings, scored on its held-out
 * split.
 */
export function requireEnoughMusicFor(argument: RowArgument, dataset: TimedDataset): void {
  const { row: id, scale, settings, heldOut = 'test' } = argument;
  const row = rowNamed(id);
  const needs = levelsOf(row).map((level) =>
    lengthsNeeded(level, scale, level.id === id ? settings : undefined),
  );
  requireLengths(dataset, needs, {
    heldOut,
    whose: `#${id} at scale ${scale.name}`,
    remedy:
      settings === undefined
        ? 'Add longer recordings.'
        : `Add longer recordings, or choose other values of ${Object.keys(settings).join(', ')}.`,
  });
}

interface Complaint {
  readonly heldOut: Split;
  readonly whose: string;
  readonly remedy: string;
}

function requireLengths(
  dataset: TimedDataset,
  needs: readonly PieceLengths[],
  { heldOut, whose, remedy }: Complaint,
): void {
  const check = (split: Split, pieces: readonly { readonly length: number }[], needed: number) => {
    const longest = Math.max(0, ...pieces.map(({ length }) => length));
    return longest >= needed ? [] : [{ split, longest, needed }];
  };
  const short = check('train', piecesOf(dataset, 'train'), Math.max(...needs.map(({ trained }) => trained)));
  for (const within of new Set(needs.map((need) => need.within))) {
    const scored = Math.max(...needs.filter((need) => need.within === within).map((need) => need.scored));
    for (const split of ['train', heldOut] as const) {
      short.push(...check(split, splitPieces(dataset, split, within), scored));
    }
  }
  if (short.length === 0) return;
  // Name the largest need: a user who meets the smallest first would meet the next one later.
  const { split, longest, needed } = short.reduce((most, one) => (one.needed > most.needed ? one : most));
  const lasts = Math.floor((100 * longest) / dataset.rate) / 100;
  const least = Math.ceil((100 * needed) / dataset.rate) / 100;
  throw new UserError(
    `The longest piece of the ${split} split lasts ${lasts} s, but ${whose} needs ${least} s.`,
    remedy,
  );
}
