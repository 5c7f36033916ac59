import { mapDataset } from '@fermata/data';
import { DiscreteAutoencoder, encodeSequence } from '@fermata/autoencoder';
import { RunStore, type Run } from '@fermata/training';

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
        const codes = await mapDataset(dataset, {
          folder: codesFolder(run),
          symbols: model.codes,
          hop: model.hop,
          description: { codesOf: rowRun(argument).id },
          map: (symbols, _piece, onPart) =>
            encodeSequence(model, symbols, { onProgress: onPart, signal: context.signal }),
          onProgress: context.onProgress,
        });
        codes.close();
        return { fingerprint: codes.fingerprint };
      } finally {
        release();
      }
    }),
};

/** Where a run of `encodeDataset` keeps the codes. */
export function codesFolder(run: Run): string {
  return run.file('codes');
}
