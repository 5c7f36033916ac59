import { builtInCorpus, ingest } from '@fermata/audio';
import type { Dataset, TimedDataset } from '@fermata/data';
import type { Progress } from '@fermata/core';
import { basename, resolve } from 'node:path';

import { audioFolder } from './folders';
import { describeShortSplits } from './shortSplits';
import type { Scale } from '../scales';

/** Seed of the built-in corpus for recorded results: all trainings use the same music, whatever their seeds. */
export const dataSeed = 1;

export interface DataOptions {
  readonly scale: Scale;
  /** Files and folders of recordings; the built-in corpus if left out. */
  readonly data?: readonly string[] | undefined;
  /** Seed of the built-in corpus. Recordings are split by one draw, whatever the seed. */
  readonly seed: number;
  /** Bits of mu-law; 8 if left out. */
  readonly bits?: number;
  readonly onProgress: (name: string, progress: Progress) => void;
  /** Called once the data have been prepared. */
  readonly onFinished: (name: string) => void;
  readonly onWarning: (name: string, message: string) => void;
  readonly signal: AbortSignal;
}

/**
 * The audio of a scale: the user's recordings, or the built-in corpus. Data made before are opened.
 *
 * @throws UserError for data that cannot be used
 */
export async function prepareData(options: DataOptions): Promise<TimedDataset> {
  const { scale, data, seed, bits = 8, onProgress, onFinished, onWarning, signal } = options;
  const name = data === undefined ? 'corpus' : 'data';
  const folder = audioFolder();
  let isMade = false as boolean;
  const listeners = {
    onProgress: (progress: Progress) => {
      isMade = true;
      onProgress(name, progress);
    },
    onDamaged: (message: string) => {
      onWarning(name, message);
    },
    signal,
  };
  const { trainMinutes, heldOutMinutes } = scale;
  const dataset =
    data === undefined
      ? await builtInCorpus({ minutes: scale.corpusMinutes, seed, folder, symbols: 2 ** bits, ...listeners })
      : await ingest({
          source: data,
          folder,
          symbols: 2 ** bits,
          minutes: { train: trainMinutes, validation: heldOutMinutes, test: heldOutMinutes },
          ...listeners,
        });
  if (isMade) onFinished(name);
  if (data !== undefined)
    warnOfData(dataset, (message) => {
      onWarning(name, message);
    });
  return dataset;
}

/** Name of the data that results are filed under: `built-in`, or the name of the first file or folder. */
export function nameOfData(data: readonly string[] | undefined): string {
  return data === undefined ? 'built-in' : basename(resolve(data[0])).replace(/[^\w.-]+/g, '-');
}

function warnOfData(dataset: TimedDataset, warn: (message: string) => void): void {
  if (dataset.skipped.length > 0) warn(describeSkipped(dataset.skipped));
  for (const note of dataset.notes) warn(note);
  const short = describeShortSplits(dataset);
  if (short !== undefined)
    warn(`These splits have little music, and numbers of so little mean nothing: ${short}.`);
}

function describeSkipped(skipped: Dataset['skipped']): string {
  const [{ file, reason }] = skipped;
  const more = skipped.length > 1 ? `, and ${skipped.length - 1} more` : '';
  return `could not be used (the report lists it): ${file} (${reason})${more}`;
}
