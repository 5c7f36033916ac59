import { UserError } from '@fermata/core';
import type { TimedDataset } from '@fermata/data';

import {
  dataSeed,
  hasSequence,
  JobGraph,
  nameOfData,
  outcomeOf,
  prepareData,
  requireEnoughMemory,
  requireEnoughMusicFor,
  requireScorable,
  requireWritableCache,
  requireWritableRuns,
  rowRun,
  runPlanned,
  trainRow,
  type DataOptions,
  type PlannedOptions,
  type RowArgument,
  type RowOutcome,
} from '../jobs';
import { rowConfig, rowNamed, warmUpNote, type Settings } from '../rows';
import { levelsBelow, levelsOf, sequenceBits } from '../sequences';
import { listModels } from './findRun';
import { openModel, type OpenedModel } from './openModel';

/** Options of a row's training. */
export interface TrainedRowOptions extends Omit<DataOptions, 'seed' | 'bits'> {
  /** The id of a row of any table. */
  readonly row: string;
  readonly seed: number;
  /** Changes to the row's own settings. */
  readonly settings?: Settings | undefined;
}

/** Outcome of a training, with its folder. */
export interface TrainedRun extends RowOutcome {
  /** The folder of the run. */
  readonly folder: string;
}

/**
 * Trains and measures a row, or continues a stopped training. It first trains the rows below and makes their codes. It
 * does not train a trained row again.
 *
 * @param options.heldOut the split to measure on: test, or validation for a search of settings
 * @param options.onNeeded called with the rows to train first, level 1 first
 * @throws UserError for unusable data, for settings that the row cannot have, and for those that need more memory than
 *   there is
 */
export async function trainOneRow(
  options: TrainedRowOptions &
    PlannedOptions & {
      readonly heldOut: 'validation' | 'test';
      readonly onNeeded?: (rows: readonly string[]) => void;
    },
): Promise<TrainedRun> {
  requireValid(options);
  requireTrainable(options);
  requireWritableRuns();
  const dataset = await dataOf(options);
  try {
    const argument = { ...argumentOf(options, dataset), heldOut: options.heldOut };
    requireEnoughMusicFor(argument, dataset);
    requireScorable(dataset, options.heldOut);
    const { sequence } = rowNamed(options.row);
    if (!hasSequence(sequence, argument)) {
      options.onNeeded?.(levelsBelow(sequence).map(({ id }) => id));
    }
    const graph = new JobGraph();
    graph.train(argument);
    await runPlanned(graph.jobs, options);
    return { ...outcomeOf(trainRow, argument)!, folder: rowRun(argument).folder };
  } finally {
    dataset.close();
  }
}

/**
 * Opens the trained model of a row, with the levels below it.
 *
 * @throws UserError if the row is not trained with these settings on these data
 */
export async function openTrainedRow(options: TrainedRowOptions): Promise<OpenedModel> {
  requireValid(options);
  const dataset = await dataOf(options);
  const argument = argumentOf(options, dataset);
  dataset.close();
  const isTrained =
    hasSequence(rowNamed(options.row).sequence, argument) && rowRun(argument).result() !== undefined;
  if (!isTrained) throw notTrained(options);
  return openModel({ run: rowRun(argument).id });
}

// Says before preparing data what the settings ask of memory and of the warm-up.
function requireTrainable({
  row: id,
  scale,
  settings,
  onWarning,
  concurrency,
}: TrainedRowOptions & PlannedOptions): void {
  const row = rowNamed(id);
  requireEnoughMemory(
    levelsOf(row).map((level) => ({ row: level, settings: level === row ? settings : undefined })),
    scale,
    { concurrency },
  );
  const note = warmUpNote(row, scale, settings);
  if (note !== undefined) onWarning(`train #${id}`, note);
}

function notTrained(options: TrainedRowOptions): UserError {
  const { row, scale, seed, settings } = options;
  const data = nameOfData(options.data);
  const before = listModels().filter(
    (card) =>
      card.row === row &&
      card.scale === scale.name &&
      card.seed === seed &&
      card.data.name === data &&
      JSON.stringify(card.settings ?? {}) === JSON.stringify(settings ?? {}),
  );
  const command = `fermata train ${row} --scale ${scale.name}`;
  if (before.length > 0) {
    return new UserError(
      `Row ${row} was trained at scale ${scale.name} with seed ${seed} on ${data}, but the data have changed since.`,
      `Train it again (\`${command}\` with the same --seed, --data and --set), or use the old model with --run ${before[0].run}.`,
    );
  }
  return new UserError(
    `Row ${row} is not trained at scale ${scale.name} with seed ${seed} on these data.`,
    `Run \`${command}\` with the same --seed, --data and --set, or choose a model of \`fermata runs\` with --run.`,
  );
}

function dataOf(options: TrainedRowOptions): Promise<TimedDataset> {
  requireWritableCache();
  return prepareData({ ...options, seed: dataSeed, bits: sequenceBits(rowNamed(options.row).sequence) });
}

function argumentOf(options: TrainedRowOptions, { folder }: TimedDataset): RowArgument {
  const { row, scale, seed, settings } = options;
  return {
    row,
    scale,
    seed,
    audio: folder,
    dataName: nameOfData(options.data),
    ...(settings && Object.keys(settings).length > 0 && { settings }),
  };
}

// Reports broken rules to the user before preparing data and starting a process.
function requireValid({ row, scale, settings }: TrainedRowOptions): void {
  rowConfig(rowNamed(row), scale, settings);
}
