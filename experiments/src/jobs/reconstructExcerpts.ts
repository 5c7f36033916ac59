import { decodeMuLaw, writeWav } from '@fermata/audio';
import { piecesOf, type PieceInfo, type TimedDataset } from '@fermata/data';
import { fold, randomKey, type RandomKey } from '@fermata/core';
import { distancesOf } from '@fermata/evaluation';
import { joinChunks, reconstructLevels, wholeSource, type Level } from '@fermata/models';
import { RunStore, type JobContext, type Run } from '@fermata/training';

import { rowNamed } from '../rows';
import { levelsOf } from '../sequences';
import type { JobKind } from './job';
import type { Reconstruction } from './outcomes';
import { belowOf, loadLevel, rowRun, type RowArgument } from './rowRun';
import { fingerprintOf, withDataset } from './dataset';

export interface ReconstructOutcome {
  readonly excerpts: readonly Reconstruction[];
}

/**
 * Takes excerpts of the test pieces through a row's bottleneck, and through the levels below back to audio (sections 4.1
 * and 4.3).
 */
export const reconstructExcerpts: JobKind<RowArgument, ReconstructOutcome> = {
  run: (argument) =>
    new RunStore().run({
      config: {
        job: 'reconstruct',
        version: 2,
        model: rowRun(argument).id,
        ...argument.scale.reconstruction,
      },
      seed: argument.seed,
      data: fingerprintOf(argument.audio),
    }),
  outcomeFile: () => 'reconstructions.json',
  work: (argument, run, context) =>
    withDataset(argument.audio, async (dataset) => {
      const loaded = levelsOf(rowNamed(argument.row)).map(({ id }) =>
        loadLevel(id === argument.row ? argument : belowOf(id, argument)),
      );
      const levels = loaded.map(({ level }) => level);
      const { count, seconds } = argument.scale.reconstruction;
      const pieces = spread(piecesOf(dataset, 'test'), count);
      const excerpts: Reconstruction[] = [];
      for (const [index, piece] of pieces.entries()) {
        const key = fold(fold(randomKey('reconstruction'), argument.seed), piece.id);
        excerpts.push(
          await reconstructExcerpt(levels, dataset, piece, {
            run,
            name: String(index + 1),
            seconds,
            key,
            context: within(context, index, pieces.length),
          }),
        );
      }
      for (const { model } of loaded) model.dispose();
      return { excerpts };
    }),
};

interface ExcerptOptions {
  readonly run: Run;
  /** Name, part of the names of its files. */
  readonly name: string;
  readonly seconds: number;
  readonly key: RandomKey;
  readonly context: JobContext;
}

async function reconstructExcerpt(
  levels: readonly Level[],
  dataset: TimedDataset,
  piece: PieceInfo,
  { run, name, seconds, key, context: { onProgress, signal } }: ExcerptOptions,
): Promise<Reconstruction> {
  const wanted = Math.min(piece.length, Math.round(seconds * dataset.rate));
  const hop = levels.reduce((product, level) => product * level.hop, 1);
  const length = Math.floor(wanted / hop) * hop;
  // Takes the middle: beginnings are quiet, and faded in. The position is the same for all hops.
  const start = Math.floor((piece.length - wanted) / 2);
  const excerpt = Int32Array.from(dataset.read(piece, start, length));
  const chunks = reconstructLevels({
    levels,
    symbols: wholeSource([excerpt]),
    length,
    key,
    onProgress,
    signal,
  });
  const [symbols] = await joinChunks(chunks, 1);
  const [before, after] = [excerpt, symbols].map((sequence) => decodeMuLaw(sequence, dataset.symbols));
  const files = { original: `original-${name}.wav`, reconstruction: `reconstruction-${name}.wav` };
  writeWav(run.file(files.original), before, dataset.rate);
  writeWav(run.file(files.reconstruction), after, dataset.rate);
  return {
    piece: piece.id,
    title: [piece.composer, piece.title].filter(Boolean).join(': ') || piece.id,
    startSeconds: start / dataset.rate,
    ...files,
    ...distancesOf(before, after, dataset.rate),
  };
}

/** Picks `count` elements at equal distances, or all if there are fewer. */
function spread<T>(elements: readonly T[], count: number): T[] {
  const taken = Math.min(count, elements.length);
  return Array.from({ length: taken }, (_, index) => elements[Math.floor((index * elements.length) / taken)]);
}

/** Reports the progress of one part out of `parts` parts of equal length. */
function within({ onProgress, ...context }: JobContext, part: number, parts: number): JobContext {
  return {
    ...context,
    onProgress: (progress) => {
      onProgress({ ...progress, done: part * progress.total + progress.done, total: parts * progress.total });
    },
  };
}
