import { mapDataset } from '@fermata/data';

import type { JobKind } from './job';
import {
  codesFolder,
  codesOutcomeFile,
  codesRun,
  damageOfCodes,
  loadLevel,
  rowRun,
  withRowData,
  type RowArgument,
} from './rowRun';

/** The codes of a whole dataset. */
export interface EncodeOutcome {
  readonly fingerprint: string;
}

/**
 * Encodes every piece of a row's sequence with its model. The codes become a dataset of their own, with the same
 * splits.
 */
export const encodeDataset: JobKind<RowArgument, EncodeOutcome> = {
  run: codesRun,
  outcomeFile: () => codesOutcomeFile,
  damage: damageOfCodes,
  work: (argument, run, context) =>
    withRowData(argument, async (dataset) => {
      const release = run.open();
      try {
        const { model, level } = loadLevel(argument);
        const { codebookSize } = level;
        if (codebookSize === null) throw new RangeError(`row ${argument.row} has no codes`);
        const codes = await mapDataset(dataset, {
          folder: codesFolder(run),
          symbols: codebookSize,
          hop: level.hop,
          description: { codesOf: rowRun(argument).id },
          map: (symbols, _piece, onProgress) => level.encode(symbols, { onProgress, signal: context.signal }),
          onProgress: context.onProgress,
        });
        codes.close();
        model.dispose();
        return { fingerprint: codes.fingerprint };
      } finally {
        release();
      }
    }),
};
