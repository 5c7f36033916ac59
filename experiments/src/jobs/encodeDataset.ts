import { DatasetWriter, type Dataset } from '@fermata/audio';
import { DiscreteAutoencoder, encodeSequence } from '@fermata/autoencoder';
import type { Json } from '@fermata/core';
import { RunStore, type JobContext, type Run } from '@fermata/training';

import { withDataset, type JobKind } from './job';
import { fingerprintOf, loadRow, rowRun, type RowArgument } from './rowRun';

/** The codes of a whole dataset. */
export interface EncodeOutcome {
  readonly fingerprint: string;
}

/** Encodes every piece of a dataset with a row's autoencoder: the codes are a dataset of their own, with its splits. */
export const encodeDataset: JobKind<RowArgument, EncodeOutcome> = {
  run: (argument) =>
    new RunStore().run({
      config: { job: 'encode', model: rowRun(argument).id },
      seed: argument.seed,
      data: fingerprintOf(argument.dataset),
    }),
  outcomeFile: () => 'codes.json',
  work: (argument, run, context) =>
    withDataset(argument.dataset, async (dataset) => {
      const release = run.open();
      try {
        const model = loadRow(argument);
        if (!(model instanceof DiscreteAutoencoder)) throw new RangeError(`row ${argument.row} has no codes`);
        const writer = new DatasetWriter(codesFolder(run), {
          symbols: model.codes,
          rate: dataset.rate / model.hop,
          description: { codesOf: rowRun(argument).id } satisfies Json,
        });
        try {
          await writeCodes(model, dataset, writer, context);
          const codes = writer.finish(dataset.skipped, dataset.notes);
          codes.close();
          return { fingerprint: codes.fingerprint };
        } finally {
          writer.close();
        }
      } finally {
        release();
      }
    }),
};

async function writeCodes(
  model: DiscreteAutoencoder,
  dataset: Dataset,
  writer: DatasetWriter,
  { onProgress, signal }: JobContext,
): Promise<void> {
  const total = dataset.pieces.reduce((sum, { length }) => sum + length, 0);
  let done = 0;
  for (const piece of dataset.pieces) {
    if (!writer.has(piece.id)) {
      const before = done;
      const codes = await encodeSequence(model, dataset.read(piece), {
        onProgress: (progress) => {
          onProgress({ stage: 'encode', done: before + progress.done, total });
        },
        signal,
      });
      if (codes.length > 0) writer.add(piece, Uint8Array.from(codes));
    }
    done += piece.length;
  }
}

/** Where a run of `encodeDataset` keeps the codes. */
export function codesFolder(run: Run): string {
  return run.file('codes');
}
