import { piecesOf, type TimedDataset, type Split } from '@fermata/data';
import { UserError } from '@fermata/core';
import { splitPieces } from '@fermata/evaluation';

import { configOf, type RowArgument } from '../jobs/rowRun';
import { scoringOf } from '../jobs/trainRow';
import { rowNamed } from '../rows';
import type { Scale } from '../scales';
import { table1 } from '../table-1';
import { table2 } from '../table-2';

/** The shortest pieces that will do, in timesteps of audio. */
export interface PieceLengths {
  /** To draw an excerpt from. */
  readonly trained: number;
  /** To score a position of, with full context. */
  readonly scored: number;
}

/** How long one piece of each split must be at least, so that every job of a scale has something to work on. */
export function lengthsNeeded(scale: Scale): PieceLengths {
  const { receptiveFields, budget } = scale.profile;
  const needs: PieceLengths[] = [];
  for (const row of [...table1, ...table2]) {
    const hop = hopOf(row.sequence, scale);
    needs.push(lengthsOfTraining({ row: row.id, scale }));
    needs.push({ trained: hop * budget.cropLength, scored: hop * (Math.max(...receptiveFields) + 1) });
  }
  return {
    trained: Math.max(...needs.map(({ trained }) => trained)),
    scored: Math.max(...needs.map(({ scored }) => scored)),
  };
}

/**
 * Makes sure, before anything is trained on them, that the data are long enough for all jobs of a scale to be trained and
 * scored on.
 *
 * @throws UserError when the longest piece of a split is too short
 */
export function requireEnoughMusic(dataset: TimedDataset, scale: Scale): void {
  requireLengths(dataset, scale, {
    ...lengthsNeeded(scale),
    heldOut: 'test',
    whose: `scale ${scale.name}`,
    remedy: 'Add longer recordings.',
  });
}

/** As {@link requireEnoughMusic}, for the training of one row of audio with its settings, scored on its held-out split. */
export function requireEnoughMusicFor(argument: RowArgument, dataset: TimedDataset): void {
  const { row, scale, settings, heldOut = 'test' } = argument;
  requireLengths(dataset, scale, {
    ...lengthsOfTraining(argument),
    heldOut,
    whose: `#${row} at scale ${scale.name}`,
    remedy:
      settings === undefined
        ? 'Add longer recordings.'
        : `Add longer recordings, or choose other values of ${Object.keys(settings).join(', ')}.`,
  });
}

interface Needs extends PieceLengths {
  readonly heldOut: Split;
  readonly whose: string;
  readonly remedy: string;
}

function requireLengths(dataset: TimedDataset, scale: Scale, needs: Needs): void {
  const { trained, scored, heldOut, whose, remedy } = needs;
  const scoredTimesteps = scale.scoredMinutes * 60 * dataset.rate;
  const require = (split: Split, pieces: readonly { readonly length: number }[], needed: number): void => {
    const longest = Math.max(0, ...pieces.map(({ length }) => length));
    if (longest >= needed) return;
    const lasts = Math.floor((100 * longest) / dataset.rate) / 100;
    const least = Math.ceil((100 * needed) / dataset.rate) / 100;
    throw new UserError(
      `The longest piece of the ${split} split lasts ${lasts} s, but ${whose} needs ${least} s.`,
      remedy,
    );
  };
  require('train', piecesOf(dataset, 'train'), trained);
  require('train', splitPieces(dataset, 'train', scoredTimesteps), scored);
  require(heldOut, splitPieces(dataset, heldOut, scoredTimesteps), scored);
}

/** What the training of one row needs, with its settings. */
function lengthsOfTraining(argument: Omit<RowArgument, 'seed' | 'dataset'>): PieceLengths {
  const { row, scale } = argument;
  const { skip, multipleOf } = scoringOf(argument);
  const hop = hopOf(rowNamed(row).sequence, scale);
  return {
    trained: hop * configOf(argument).budget.cropLength,
    scored: hop * multipleOf * (Math.ceil(skip / multipleOf) + 1),
  };
}

/** Timesteps of audio for each symbol of a sequence: of audio itself, or of the codes of a row. */
function hopOf(sequence: string, scale: Scale): number {
  if (sequence === 'audio') return 1;
  const { sequence: below, model } = rowNamed(sequence);
  const { kind, config } = model(scale);
  if (kind !== 'autoencoder') throw new RangeError(`row ${sequence} has no codes`);
  return config.hop * hopOf(below, scale);
}
