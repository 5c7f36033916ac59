import { decodeMuLaw, piecesOf, writeWav } from '@fermata/audio';
import { DiscreteAutoencoder, encodeSequence, reconstruct } from '@fermata/autoencoder';
import { fold, randomKey } from '@fermata/core';
import { RunStore } from '@fermata/training';

import { withDataset, type JobKind } from './job';
import { fingerprintOf, loadRow, rowRun, type RowArgument } from './rowRun';

/** An excerpt of a held-out recording and what a row's autoencoder makes of it. */
export interface ReconstructOutcome {
  readonly piece: string;
  readonly title: string;
  readonly startSeconds: number;
  /** WAV files in the run's folder. */
  readonly original: string;
  readonly reconstruction: string;
}

/** Encodes an excerpt of the first test piece and samples the local model given its codes (section 4.1). */
export const reconstructExcerpt: JobKind<RowArgument, ReconstructOutcome> = {
  run: (argument) =>
    new RunStore().run({
      config: {
        job: 'reconstruct',
        model: rowRun(argument).id,
        seconds: argument.scale.reconstructionSeconds,
      },
      seed: argument.seed,
      data: fingerprintOf(argument.dataset),
    }),
  outcomeFile: () => 'reconstruction.json',
  work: (argument, run, { onProgress, signal }) =>
    withDataset(argument.dataset, async (dataset) => {
      const model = loadRow(argument);
      if (!(model instanceof DiscreteAutoencoder))
        throw new RangeError(`row ${argument.row} reconstructs nothing`);
      const [piece] = piecesOf(dataset, 'test');
      const seconds = argument.scale.reconstructionSeconds;
      const wanted = Math.min(piece.length, Math.round(seconds * dataset.rate));
      const length = Math.floor(wanted / model.hop) * model.hop;
      // From the middle: beginnings are quiet, and faded in.
      const start = Math.floor((piece.length - length) / 2 / model.hop) * model.hop;
      const excerpt = Int32Array.from(dataset.read(piece, start, length));
      const symbols = await reconstruct({
        model,
        codes: await encodeSequence(model, excerpt, { signal }),
        key: fold(randomKey('reconstruction'), argument.seed),
        onProgress,
        signal,
      });
      writeWav(run.file('original.wav'), decodeMuLaw(excerpt, dataset.symbols), dataset.rate);
      writeWav(run.file('reconstruction.wav'), decodeMuLaw(symbols, dataset.symbols), dataset.rate);
      return {
        piece: piece.id,
        title: [piece.composer, piece.title].filter(Boolean).join(': ') || piece.id,
        startSeconds: start / dataset.rate,
        original: 'original.wav',
        reconstruction: 'reconstruction.wav',
      };
    }),
};
