import type { Progress, ProgressListener } from '@fermata/core';
import { defaultConcurrency } from '@fermata/training';

import {
  dataSeed,
  done,
  isReconstructed,
  JobGraph,
  nameOfData,
  prepareData,
  reconstructExcerpts,
  requireEnoughMusic,
  requireWritableCache,
  requireWritableRuns,
  runPlanned,
} from '../jobs';
import type { Row } from '../rows';
import type { Scale } from '../scales';
import { loadExcerpts, type Excerpt } from './loadExcerpts';

export interface ReconstructRowsOptions {
  readonly scale: Scale;
  /** Rows on 8-bit audio, or on codes of it; rows without reconstructions are skipped. */
  readonly rows: readonly Row[];
  readonly seed: number;
  /** Files and folders of recordings; the built-in corpus if left out. */
  readonly data?: readonly string[] | undefined;
  readonly onProgress: ProgressListener;
  readonly onWarning: (message: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Reconstructs excerpts of held-out recordings with each row (section 4.1). It first trains rows that are not trained,
 * and does not repeat finished jobs of any command.
 *
 * @throws UserError for unusable data and for folders that are not writable
 */
export async function reconstructRows(options: ReconstructRowsOptions): Promise<Excerpt[]> {
  const { scale, rows, seed, onProgress, onWarning, signal } = options;
  requireWritableCache();
  requireWritableRuns();
  const listeners = {
    // One line for each job, with details only for trainings, because their progress is a single course.
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
  const dataName = nameOfData(options.data);
  const dataset = await prepareData({ ...options, ...listeners, seed: dataSeed });
  try {
    requireEnoughMusic(dataset, scale, rows);
    const reconstructed = rows
      .map((row) => ({ row, argument: { row: row.id, scale, seed, audio: dataset.folder, dataName } }))
      .filter(({ argument }) => isReconstructed(argument));
    const graph = new JobGraph((argument) => `, seed ${argument.seed}`);
    for (const { argument } of reconstructed) graph.reconstruct(argument);
    await runPlanned(graph.jobs, { ...listeners, concurrency: defaultConcurrency(1) });
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
