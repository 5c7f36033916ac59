import type { Progress, ProgressListener } from '@fermata/core';
import { defaultConcurrency } from '@fermata/training';

import { dataSeed, prepareData } from '../data';
import { requireWritableCache, requireWritableRuns } from '../folders';
import { done } from '../jobs/job';
import { reconstructExcerpts } from '../jobs/reconstructExcerpts';
import { isReconstructed, rowJobs } from '../jobs/rowJobs';
import { runPlanned } from '../jobs/runPlanned';
import { requireEnoughMusic } from '../paper/enoughMusic';
import type { Row } from '../row';
import type { Scale } from '../scales';
import { loadExcerpts, type Excerpt } from './loadExcerpts';

export interface ReconstructRowsOptions {
  readonly scale: Scale;
  /** Autoencoders of audio with 8-bit symbols; others are passed over. */
  readonly rows: readonly Row[];
  readonly seed: number;
  /** Files and folders of recordings; the built-in corpus when left out. */
  readonly data?: readonly string[] | undefined;
  readonly onProgress: ProgressListener;
  readonly onWarning: (message: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Excerpts of held-out recordings beside what rows make of them (section 4.1). Rows that are not trained yet are trained
 * first; what was done before, by whichever command, is taken as it is.
 *
 * @throws UserError for data that cannot be used and for folders that cannot be written
 */
export async function reconstructRows(options: ReconstructRowsOptions): Promise<Excerpt[]> {
  const { scale, rows, seed, onProgress, onWarning, signal } = options;
  requireWritableCache();
  requireWritableRuns();
  const listeners = {
    // One line for all that is done of a row; of its details those of the training alone, which are one course.
    onProgress: (name: string, { stage, detail, ...progress }: Progress) => {
      onProgress({ ...progress, stage: name, ...(stage === 'train' && detail && { detail }) });
    },
    onWarning: (name: string, message: string) => {
      onWarning(`${name}: ${message}`);
    },
    onPlanned: () => undefined,
    onFinished: () => undefined,
    signal,
  };
  const dataset = await prepareData({ ...options, ...listeners, seed: dataSeed });
  try {
    requireEnoughMusic(dataset, scale);
    const reconstructed = rows
      .map((row) => ({ row, argument: { row: row.id, scale, seed, dataset: dataset.folder } }))
      .filter(({ argument }) => isReconstructed(argument));
    await runPlanned(
      reconstructed.flatMap(({ argument }) => rowJobs(argument)),
      { ...listeners, concurrency: defaultConcurrency(1) },
    );
    return await loadExcerpts(
      reconstructed.map(({ row, argument }) => ({
        row,
        run: reconstructExcerpts.run(argument),
        outcome: done(reconstructExcerpts, argument),
      })),
      dataset.rate,
    );
  } finally {
    dataset.close();
  }
}
