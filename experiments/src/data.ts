import { builtInCorpus, ingest } from '@fermata/audio';
import type { Dataset, TimedDataset } from '@fermata/data';
import type { Progress } from '@fermata/core';
import { basename, resolve } from 'node:path';

import { audioFolder } from './folders';
import type { Scale } from './scales';
import { audioSymbols } from './table-1/base';

/** Of the built-in corpus where results are recorded: trainings with other seeds hear the same music. */
export const dataSeed = 1;

export interface DataOptions {
  readonly scale: Scale;
  /** Files and folders of recordings; the built-in corpus when left out. */
  readonly data?: readonly string[] | undefined;
  /** Of the built-in corpus. Recordings are split by one draw, whatever the seed. */
  readonly seed: number;
  /** Levels of mu-law: 256 when left out. */
  readonly levels?: number;
  readonly onProgress: (name: string, progress: Progress) => void;
  /** Hears when data have been made that were not there before. */
  readonly onFinished: (name: string) => void;
  readonly onWarning: (name: string, message: string) => void;
  readonly signal: AbortSignal;
}

/**
 * The audio of a scale: of the user's recordings, or the built-in corpus. What was made before is opened.
 *
 * @throws UserError for data that cannot be used
 */
export async function prepareData(options: DataOptions): Promise<TimedDataset> {
  const { scale, data, seed, levels = audioSymbols, onProgress, onFinished, onWarning, signal } = options;
  const name = data === undefined ? 'corpus' : 'data';
  const folder = audioFolder();
  let isMade = false as boolean;
  const listeners = {
    onProgress: (progress: Progress) => {
      isMade = true;
      onProgress(name, progress);
    },
    signal,
  };
  const { trainMinutes, heldOutMinutes } = scale;
  const dataset =
    data === undefined
      ? await builtInCorpus({ minutes: scale.corpusMinutes, seed, folder, symbols: levels, ...listeners })
      : await ingest({
          source: data,
          folder,
          symbols: levels,
          minutes: { train: trainMinutes, validation: heldOutMinutes, test: heldOutMinutes },
          ...listeners,
        });
  if (isMade) onFinished(name);
  if (dataset.skipped.length > 0) onWarning(name, describeSkipped(dataset.skipped));
  return dataset;
}

/** What results on data are filed under: `built-in`, or the name of the first file or folder. */
export function nameOfData(data: readonly string[] | undefined): string {
  return data === undefined ? 'built-in' : basename(resolve(data[0])).replace(/[^\w.-]+/g, '-');
}

function describeSkipped(skipped: Dataset['skipped']): string {
  const [{ file, reason }] = skipped;
  const more = skipped.length > 1 ? `, and ${skipped.length - 1} more` : '';
  return `could not be used, as the report will say: ${file} (${reason})${more}`;
}
