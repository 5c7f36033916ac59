import { decodeMuLaw, writeWav } from '@fermata/audio';
import { piecesOf, type TimedDataset, type PieceInfo } from '@fermata/data';
import { DiscreteAutoencoder, reconstructSequence } from '@fermata/autoencoder';
import { fold, randomKey } from '@fermata/core';
import { RunStore, type JobContext, type Run } from '@fermata/training';

import { distancesOf, type Distances } from '../excerpts/distances';
import { withDataset, type JobKind } from './job';
import { fingerprintOf, loadRow, rowRun, type RowArgument } from './rowRun';

/** An excerpt of a held-out recording and what a row's autoencoder makes of it. */
export interface Reconstruction extends Distances {
  readonly piece: string;
  readonly title: string;
  readonly startSeconds: number;
  /** WAV files in the run's folder. */
  readonly original: string;
  readonly reconstruction: string;
}

export interface ReconstructOutcome {
  readonly excerpts: readonly Reconstruction[];
}

/**
 * Encodes excerpts of the test pieces and samples the local model given their codes, or what else the bottleneck lets
 * through (section 4.1).
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
      data: fingerprintOf(argument.dataset),
    }),
  outcomeFile: () => 'reconstructions.json',
  work: (argument, run, context) =>
    withDataset(argument.dataset, async (dataset) => {
      const model = loadRow(argument);
      if (!(model instanceof DiscreteAutoencoder))
        throw new RangeError(`row ${argument.row} reconstructs nothing`);
      const { count, seconds } = argument.scale.reconstruction;
      const pieces = spread(piecesOf(dataset, 'test'), count);
      const excerpts: Reconstruction[] = [];
      for (const [index, piece] of pieces.entries()) {
        const key = fold(fold(randomKey('reconstruction'), argument.seed), piece.id);
        excerpts.push(
          await reconstructExcerpt(model, dataset, piece, {
            run,
            name: String(index + 1),
            seconds,
            key,
            context: within(context, index, pieces.length),
          }),
        );
      }
      model.dispose();
      return { excerpts };
    }),
};

interface ExcerptOptions {
  readonly run: Run;
  /** Of its files. */
  readonly name: string;
  readonly seconds: number;
  readonly key: ReturnType<typeof randomKey>;
  readonly context: JobContext;
}

async function reconstructExcerpt(
  model: DiscreteAutoencoder,
  dataset: TimedDataset,
  piece: PieceInfo,
  { run, name, seconds, key, context: { onProgress, signal } }: ExcerptOptions,
): Promise<Reconstruction> {
  const wanted = Math.min(piece.length, Math.round(seconds * dataset.rate));
  const length = Math.floor(wanted / model.hop) * model.hop;
  // From the middle: beginnings are quiet, and faded in. The same place for all hops.
  const start = Math.floor((piece.length - wanted) / 2);
  const excerpt = Int32Array.from(dataset.read(piece, start, length));
  const symbols = await reconstructSequence({ model, sequence: excerpt, key, onProgress, signal });
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

/** `count` elements, or all where there are fewer, at equal distances. */
function spread<T>(elements: readonly T[], count: number): T[] {
  const taken = Math.min(count, elements.length);
  return Array.from({ length: taken }, (_, index) => elements[Math.floor((index * elements.length) / taken)]);
}

/** Progress of a part, out of `parts` of equal length. */
function within({ onProgress, ...context }: JobContext, part: number, parts: number): JobContext {
  return {
    ...context,
    onProgress: (progress) => {
      onProgress({ ...progress, done: part * progress.total + progress.done, total: parts * progress.total });
    },
  };
}
