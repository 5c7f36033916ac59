import type { TimedDataset } from '@fermata/data';
import { requireWritableFolder } from '@fermata/core';

import {
  dataSeed,
  isReconstructed,
  JobGraph,
  nameOfData,
  prepareData,
  reconstructExcerpts,
  requireEnoughMemory,
  requireEnoughMusic,
  requireScorable,
  requireWritableCache,
  requireWritableRuns,
  runPlanned,
  type PlannedOptions,
  type RowArgument,
} from '../jobs';
import type { Row } from '../rows';
import type { Scale } from '../scales';
import { levelsOf, sequenceBits } from '../sequences';
import { keepAudio } from './recordedAudio';
import { recordedOf } from './recordedOf';
import { requireSameDataAsRecorded, writeRecordedRow } from './recordedRows';

export interface TableOptions extends PlannedOptions {
  readonly scale: Scale;
  /** Rows of any table. The rows below them are trained too, but not recorded. */
  readonly rows: readonly Row[];
  /** Seeds of weights, of draws in training and of reconstructions. All use the same data. */
  readonly seeds: readonly number[];
  /** Files and folders of recordings; the built-in corpus if left out. */
  readonly data?: readonly string[] | undefined;
  /** Folder for results, in a subfolder for the scale and one for the data. */
  readonly results: string;
  /** Name that the results are filed under; if left out, the name of the first file or folder. */
  readonly name?: string | undefined;
  /** Number of excerpts of each training whose audio is kept beside its results; 0 if left out. */
  readonly audio?: number | undefined;
  /** Called with the path of each results file once it is written. */
  readonly onRecorded: (file: string) => void;
}

/**
 * Trains rows with several seeds, measures them, draws their reconstructions, and writes the results of each training
 * into its own file as soon as it is done.
 *
 * @returns the name that the results are filed under
 * @throws UserError for unusable data and for folders that are not writable
 */
export async function runTable(options: TableOptions): Promise<string> {
  const { scale, rows, seeds, data, results, name = nameOfData(data), audio = 0 } = options;
  requireWritableFolder(results, 'Choose another folder with --results.');
  requireWritableCache();
  requireWritableRuns();
  requireEnoughMemory(
    rows.flatMap(levelsOf).map((row) => ({ row })),
    scale,
    options,
  );
  const datasets = new Map<number, TimedDataset>();
  try {
    for (const bits of new Set(rows.map(({ sequence }) => sequenceBits(sequence)))) {
      const dataset = await prepareData({ ...options, seed: dataSeed, bits });
      datasets.set(bits, dataset);
      requireEnoughMusic(
        dataset,
        scale,
        rows.filter(({ sequence }) => sequenceBits(sequence) === bits),
      );
      requireScorable(dataset, 'test');
    }
    const place = { folder: results, scale: scale.name, data: name };
    requireSameDataAsRecorded(
      place,
      new Map([...datasets].map(([bits, { fingerprint }]) => [bits, fingerprint])),
    );
    // Goes seed by seed, so that a table with few seeds exists as soon as possible.
    const trainings = seeds.flatMap((seed) =>
      rows.map((row): Training => {
        const dataset = datasets.get(sequenceBits(row.sequence))!;
        const argument = { row: row.id, scale, seed, audio: dataset.folder, dataName: name };
        return { row, dataset, argument };
      }),
    );
    const written = new Set<Training>();
    const record = (): void => {
      for (const training of trainings) {
        if (written.has(training)) continue;
        const recorded = recordedOf(training.argument, training.dataset.fingerprint);
        if (recorded === undefined) continue;
        written.add(training);
        const excerpts = recorded.reconstructions?.slice(0, audio) ?? [];
        if (excerpts.length > 0) {
          keepAudio(place, recorded, reconstructExcerpts.run(training.argument), excerpts);
        }
        options.onRecorded(writeRecordedRow(place, recorded));
      }
    };
    const graph = new JobGraph((argument) => `, seed ${argument.seed}`);
    for (const { argument } of trainings) {
      if (isReconstructed(argument)) graph.reconstruct(argument);
      else graph.train(argument);
    }
    await runPlanned(graph.jobs, {
      ...options,
      onFinished: (job) => {
        options.onFinished(job);
        record();
      },
    });
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
