import { piecesOf, type TimedDataset } from '@fermata/data';
import { fold, randomKey, type ProgressListener } from '@fermata/core';
import {
  codeStatistics,
  evaluateNll,
  meanPerplexity,
  shuffleCodes,
  splitPieces,
  withShuffledPast,
  type SequencePiece,
} from '@fermata/evaluation';
import type { Level, Model } from '@fermata/models';
import type { JobContext } from '@fermata/training';

import { rowNamed } from '../rows';
import { scoringOf } from '../sequences';
import type { Measured } from './outcomes';
import type { RowArgument } from './rowRun';

/** Measures a row's model on the held-out split. */
export async function measureRow(
  model: Model,
  dataset: TimedDataset,
  { row: id, scale, settings, heldOut = 'test' }: RowArgument,
  { onProgress, signal }: JobContext,
): Promise<Measured> {
  const { most, ...scoring } = scoringOf(rowNamed(id), scale, settings);
  const options = { ...scoring, onProgress, signal };
  const held = splitPieces(dataset, heldOut, most);
  const train = splitPieces(
    dataset,
    'train',
    Number.isFinite(most) ? most : asMuch(held, dataset, scoring.skip),
  );
  const { nll: trainNll } = await evaluateNll(model, train, { ...options, stage: 'score train' });
  const { nll: evalNll, positions } = await evaluateNll(model, held, {
    ...options,
    stage: `score ${heldOut}`,
  });
  const level = model.asLevel?.();
  if (level === undefined) return { trainNll, evalNll, positions };
  const { nll: shuffledPastNll } = await evaluateNll(withShuffledPast(model), held, {
    ...options,
    stage: 'score shuffled past',
  });
  const measured = { trainNll, evalNll, positions, shuffledPastNll };
  const { codebookSize } = level;
  if (codebookSize === null) return measured;

  const whole = await encodePieces(level, splitPieces(dataset, heldOut), 'count codes', options);
  const sequences = [...whole.values()];
  const { perplexity, codesInUse, histogram } = codeStatistics(sequences, codebookSize);
  const second = Math.floor(dataset.rate / level.hop);
  const codes = Number.isFinite(most) ? await encodePieces(level, held, `encode ${heldOut}`, options) : whole;
  const { nll: shuffledNll } = await evaluateNll(model, held, {
    ...options,
    stage: 'score shuffled',
    codes: shuffleCodes(codes, fold(randomKey('shuffled codes'), id)),
  });
  const oneSecondPerplexity = sequences.some(({ length }) => length >= second)
    ? meanPerplexity(sequences, codebookSize, second)
    : null;
  return { ...measured, codes: { perplexity, oneSecondPerplexity, codesInUse, histogram, shuffledNll } };
}

// As much of the train split as is held out, but of each piece several times the positions that are not scored.
function asMuch(held: readonly SequencePiece[], dataset: TimedDataset, skip: number): number {
  const heldOut = held.reduce((sum, { length }) => sum + length, 0);
  return Math.max(heldOut, 4 * skip * piecesOf(dataset, 'train').length);
}

async function encodePieces(
  level: Level,
  pieces: readonly SequencePiece[],
  stage: string,
  { onProgress, signal }: { onProgress: ProgressListener; signal: AbortSignal },
): Promise<Map<string, Int32Array>> {
  const codes = new Map<string, Int32Array>();
  const total = pieces.reduce((sum, { length }) => sum + length, 0);
  let before = 0;
  for (const piece of pieces) {
    const symbols = Int32Array.from(piece.read(0, piece.length));
    const onPart: ProgressListener = ({ done }) => {
      onProgress({ stage, done: before + done, total });
    };
    codes.set(piece.id, await level.encode(symbols, { onProgress: onPart, signal }));
    before += piece.length;
  }
  return codes;
}
