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
    scale,
    settings: [],
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
    scale,
    settings: Object.keys(settings ?? {}),
  });
}

interface Complaint {
  readonly heldOut: Split;
  readonly whose: string;
  readonly scale: Scale;
  /** The user's own settings. */
  readonly settings: readonly string[];
}

/** A split without a piece that is long enough, in timesteps of audio. */
interface Lack {
  readonly split: Split;
  readonly needed: number;
  /** Lengths of the longest piece, and of the longest part of a piece that is scored. */
  readonly longest: number;
  readonly part: number;
  /** Pieces that share the scored timesteps. */
  readonly pieces: number;
  /** Most timesteps that the scale takes of the split, all pieces together. */
  readonly taken: number;
}

function requireLengths(
  dataset: TimedDataset,
  needs: readonly PieceLengths[],
  { heldOut, whose, scale, settings }: Complaint,
): void {
  const lacks: Lack[] = [];
  const check = (split: Split, needed: number, within = Infinity) => {
    const [longest, part] = [Infinity, within].map((timesteps) =>
      Math.max(0, ...splitPieces(dataset, split, timesteps).map(({ length }) => length)),
    );
    if (part >= needed) return;
    const minutes = split === 'train' ? scale.trainMinutes : scale.heldOutMinutes;
    const taken = Math.min(within, 60 * minutes * dataset.rate);
    lacks.push({ split, needed, longest, part, pieces: piecesOf(dataset, split).length, taken });
  };
  check('train', Math.max(...needs.map(({ trained }) => trained)));
  for (const within of new Set(needs.map((need) => need.within))) {
    const scored = Math.max(...needs.filter((need) => need.within === within).map((need) => need.scored));
    for (const split of ['train', heldOut] as const) check(split, scored, within);
  }
  if (lacks.length === 0) return;
  // Name the largest need: a user who meets the smallest first would meet the next one later.
  const lack = lacks.reduce((most, one) => (one.needed > most.needed ? one : most));
  const orSettings = settings.length === 0 ? '' : `, or choose other values of ${settings.join(', ')}`;
  throw complaintOf(lack, whose, orSettings, dataset.rate);
}

function complaintOf(
  { split, needed, longest, part, pieces, taken }: Lack,
  whose: string,
  orSettings: string,
  rate: number,
): UserError {
  const seconds = (timesteps: number) => Math.floor((100 * timesteps) / rate) / 100;
  const least = Math.ceil((100 * needed) / rate) / 100;
  if (taken < needed) {
    return new UserError(
      `${whose} needs a piece of ${least} s, but takes at most ${seconds(taken)} s of the ${split} split.`,
      `Choose a larger --scale${orSettings}.`,
    );
  }
  if (longest < needed) {
    return new UserError(
      `The longest piece of the ${split} split lasts ${seconds(longest)} s, but ${whose} needs ${least} s.`,
      `Add longer recordings${orSettings}.`,
    );
  }
  return new UserError(
    `The ${pieces} pieces of the ${split} split share the ${seconds(taken)} s to be scored, ${seconds(part)} s each, but ${whose} needs ${least} s of a piece.`,
    `Give fewer pieces, at most ${Math.floor(taken / needed)} in this split, or longer ones in their place${orSettings}.`,
  );
}
