import type { TimedDataset } from '@fermata/data';
import { requireWritableFolder } from '@fermata/core';

import { dataSeed, nameOfData, prepareData } from '../data';
import { requireWritableCache, requireWritableRuns } from '../folders';
import { outcomeOf } from '../jobs/job';
import { reconstructExcerpts } from '../jobs/reconstructExcerpts';
import { isReconstructed, rowJobs } from '../jobs/rowJobs';
import { rowRun, type RowArgument } from '../jobs/rowRun';
import { runPlanned, type PlannedOptions } from '../jobs/runPlanned';
import { trainRow } from '../jobs/trainRow';
import { requireEnoughMusic } from '../paper/enoughMusic';
import { keepAudio } from '../results/recordedAudio';
import type { RecordedRow } from '../results/recordedRow';
import { requireSameDataAsRecorded, writeRecordedRow } from '../results/recordedRows';
import type { Row } from '../row';
import type { Scale } from '../scales';
import { audioSymbols } from '../table-1/base';

export interface TableOptions extends PlannedOptions {
  readonly scale: Scale;
  /** Rows of models of audio. */
  readonly rows: readonly Row[];
  /** Of weights, of what is drawn in training and of reconstructions. Data are the same for all. */
  readonly seeds: readonly number[];
  /** Files and folders of recordings; the built-in corpus when left out. */
  readonly data?: readonly string[] | undefined;
  /** The folder that results are written into, in a folder for the scale and one for the data. */
  readonly results: string;
  /** What the results are filed under; else the name of the first file or folder. */
  readonly name?: string | undefined;
  /** Of how many excerpts of each training the audio is kept beside its results; 0 when left out. */
  readonly audio?: number | undefined;
  /** Hears of each file of results when it is written. */
  readonly onRecorded: (file: string) => void;
}

/**
 * Trains rows of a table with several seeds, measures them, draws their reconstructions, and writes what each training
 * came to into a file of its own as soon as it is known.
 *
 * @returns what the results are filed under
 * @throws UserError for data that cannot be used and for folders that cannot be written
 */
export async function runTable(options: TableOptions): Promise<string> {
  const { scale, rows, seeds, data, results, name = nameOfData(data), audio = 0 } = options;
  requireWritableFolder(results, 'Choose another folder with --results.');
  requireWritableCache();
  requireWritableRuns();
  const datasets = new Map<number, TimedDataset>();
  try {
    for (const { levels = audioSymbols } of rows) {
      if (!datasets.has(levels)) {
        datasets.set(levels, await prepareData({ ...options, seed: dataSeed, levels }));
      }
    }
    for (const dataset of datasets.values()) requireEnoughMusic(dataset, scale);
    const place = { folder: results, scale: scale.name, data: name };
    requireSameDataAsRecorded(
      place,
      new Map([...datasets].map(([levels, { fingerprint }]) => [levels, fingerprint])),
    );
    // Seed by seed, so that a table is there, if of few seeds, as soon as can be.
    const trainings = seeds.flatMap((seed) =>
      rows.map((row): Training => {
        const dataset = datasets.get(row.levels ?? audioSymbols)!;
        return { row, dataset, argument: { row: row.id, scale, seed, dataset: dataset.folder } };
      }),
    );
    const written = new Set<Training>();
    const record = (): void => {
      for (const training of trainings) {
        if (written.has(training)) continue;
        const recorded = recordedOf(training, name);
        if (recorded === undefined) continue;
        written.add(training);
        const excerpts = recorded.reconstructions?.slice(0, audio) ?? [];
        if (excerpts.length > 0) {
          keepAudio(place, recorded, reconstructExcerpts.run(training.argument), excerpts);
        }
        options.onRecorded(writeRecordedRow(place, recorded));
      }
    };
    await runPlanned(
      trainings.flatMap(({ argument }) => rowJobs(argument)),
      {
        ...options,
        onFinished: (job) => {
          options.onFinished(job);
          record();
        },
      },
    );
    record();
    return name;
  } finally {
    for (const dataset of datasets.values()) dataset.close();
  }
}

interface Training {
  readonly row: Row;
  readonly dataset: TimedDataset;
  readonly argument: RowArgument;
}

/** What a training came to; undefined while it or its reconstructions are not done. */
function recordedOf(training: Training, name: string): Omit<RecordedRow, 'format'> | undefined {
  const { row, dataset, argument } = training;
  const measured = outcomeOf(trainRow, argument);
  if (measured === undefined) return undefined;
  const reconstructed = isReconstructed(argument) ? outcomeOf(reconstructExcerpts, argument) : undefined;
  if (isReconstructed(argument) && reconstructed === undefined) return undefined;
  const run = rowRun(argument);
  const provenance = run.provenance();
  if (provenance === undefined) throw new Error(`${run.folder} has no provenance`);
  return {
    row: row.id,
    scale: argument.scale.name,
    data: { name, fingerprint: dataset.fingerprint },
    seed: argument.seed,
    measured,
    ...(reconstructed && { reconstructions: reconstructed.excerpts }),
    curve: run
      .metrics()
      .filter(({ kind }) => kind === 'train')
      .map(({ timesteps, metrics: { nll } }) => ({ timesteps, nll })),
    provenance,
  };
}
