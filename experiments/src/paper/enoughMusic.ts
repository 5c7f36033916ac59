import { piecesOf, type Dataset, type Split } from '@fermata/audio';
import { UserError } from '@fermata/core';
import { splitPieces } from '@fermata/evaluation';

import { scoring } from '../jobs/trainRow';
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
    const { skip, multipleOf } = scoring(row.id, scale);
    const hop = hopOf(row.sequence, scale);
    needs.push({
      trained: hop * row.budget(scale).cropLength,
      scored: hop * multipleOf * (Math.ceil(skip / multipleOf) + 1),
    });
    needs.push({ trained: hop * budget.cropLength, scored: hop * (Math.max(...receptiveFields) + 1) });
  }
  return {
    trained: Math.max(...needs.map(({ trained }) => trained)),
    scored: Math.max(...needs.map(({ scored }) => scored)),
  };
}

/**
 * Makes sure, before anything is trained on them, that the data are long enough to be trained and scored on.
 *
 * @throws UserError when the longest piece of a split is too short
 */
export function requireEnoughMusic(dataset: Dataset, scale: Scale): void {
  const { trained, scored } = lengthsNeeded(scale);
  const testTimesteps = scale.scoredMinutes * 60 * dataset.rate;
  const require = (split: Split, pieces: readonly { readonly length: number }[], needed: number): void => {
    const longest = Math.max(0, ...pieces.map(({ length }) => length));
    if (longest >= needed) return;
    const lasts = Math.floor((100 * longest) / dataset.rate) / 100;
    const needs = Math.ceil((100 * needed) / dataset.rate) / 100;
    throw new UserError(
      `The longest piece of the ${split} split lasts ${lasts} s, but scale ${scale.name} needs ${needs} s.`,
      'Add longer recordings.',
    );
  };
  require('train', piecesOf(dataset, 'train'), trained);
  require('train', splitPieces(dataset, 'train', testTimesteps), scored);
  require('test', splitPieces(dataset, 'test', testTimesteps), scored);
}

/** Timesteps of audio for each symbol of a sequence: of audio itself, or of the codes of a row. */
function hopOf(sequence: string, scale: Scale): number {
  if (sequence === 'audio') return 1;
  const { sequence: below, model } = rowNamed(sequence);
  const { kind, config } = model(scale);
  if (kind !== 'autoencoder') throw new RangeError(`row ${sequence} has no codes`);
  return config.hop * hopOf(below, scale);
}
