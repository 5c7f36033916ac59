import { loadWaveform, encodeMuLaw, type Dataset } from '@fermata/audio';
import { DiscreteAutoencoder } from '@fermata/autoencoder';
import { UserError } from '@fermata/core';

import { dataSeed, prepareData, type DataOptions } from './data';
import { requireWritableCache, requireWritableRuns } from './folders';
import { outcomeOf } from './jobs/job';
import { configOf, freshModel, loadRow, rowRun, trainingConfig, type RowArgument } from './jobs/rowRun';
import { runPlanned, type PlannedOptions } from './jobs/runPlanned';
import { trainRow, type RowOutcome } from './jobs/trainRow';
import { requireEnoughMusic } from './paper/enoughMusic';
import { rowNamed } from './rows';
import type { Settings } from './settings';

/** Which training of which row. */
export interface TrainedRowOptions extends Omit<DataOptions, 'seed' | 'levels'> {
  /** The id of a row that models audio. */
  readonly row: string;
  readonly seed: number;
  /** Changes to the row's own settings. */
  readonly settings?: Settings | undefined;
}

/** What a training came to, and where it lies. */
export interface TrainedRun extends RowOutcome {
  /** The folder of the run. */
  readonly folder: string;
}

/**
 * Trains a row, or goes on with it where it was stopped, and measures it. A row that is trained is taken as it is.
 *
 * @param options.heldOut what it is measured on: the test split, or the validation split while settings are searched
 * @throws UserError for data that cannot be used, and for a row that does not model audio
 */
export async function trainOneRow(
  options: TrainedRowOptions & PlannedOptions & { readonly heldOut: 'validation' | 'test' },
): Promise<TrainedRun> {
  requireWritableRuns();
  const dataset = await dataOf(options);
  try {
    requireEnoughMusic(dataset, options.scale);
    const argument = { ...argumentOf(options, dataset), heldOut: options.heldOut };
    requireValid(argument);
    await runPlanned(
      [{ name: `train #${options.row}`, work: { kind: 'train', argument }, after: [] }],
      options,
    );
    return { ...outcomeOf(trainRow, argument)!, folder: rowRun(argument).folder };
  } finally {
    dataset.close();
  }
}

/** An autoencoder of audio, with what its symbols mean. */
export interface TrainedAutoencoder {
  readonly model: DiscreteAutoencoder;
  /** Of the audio, in Hz. */
  readonly rate: number;
  /** The symbols of an audio file, `[time]`, at that rate. @throws UserError for a file that cannot be read */
  read(file: string): Promise<Int32Array>;
}

/**
 * Calls a function with the autoencoder of a row that was trained before, and disposes of it.
 *
 * @throws UserError when it is not trained, and for a row that is no autoencoder of audio
 */
export async function withTrainedAutoencoder<T>(
  options: TrainedRowOptions,
  use: (autoencoder: TrainedAutoencoder) => Promise<T>,
): Promise<T> {
  const { row, scale } = options;
  if (rowNamed(row).model(scale).kind !== 'autoencoder') {
    throw new UserError(`Row ${row} is no autoencoder: it has no codes.`, 'Choose another row.');
  }
  const dataset = await dataOf(options);
  const { rate, symbols } = dataset;
  const argument = argumentOf(options, dataset);
  dataset.close();
  if (rowRun(argument).result() === undefined) {
    throw new UserError(
      `Row ${row} is not trained at scale ${scale.name} with seed ${argument.seed} on these data.`,
      `Run \`fermata train ${row} --scale ${scale.name}\` with the same --seed, --data and --set.`,
    );
  }
  const model = loadRow(argument);
  if (!(model instanceof DiscreteAutoencoder)) throw new RangeError(`row ${row} is no autoencoder`);
  try {
    return await use({
      model,
      rate,
      read: async (file) => Int32Array.from(encodeMuLaw(await loadWaveform(file, rate), symbols)),
    });
  } finally {
    model.dispose();
  }
}

function dataOf(options: TrainedRowOptions): Promise<Dataset> {
  const { sequence, levels } = rowNamed(options.row);
  if (sequence !== 'audio') {
    throw new UserError(
      `Row ${options.row} models the codes of #${sequence}, not audio.`,
      'Train it with `fermata paper`.',
    );
  }
  requireWritableCache();
  return prepareData({ ...options, seed: dataSeed, ...(levels && { levels }) });
}

function argumentOf({ row, scale, seed, settings }: TrainedRowOptions, dataset: Dataset): RowArgument {
  return { row, scale, seed, dataset: dataset.folder, ...(settings && { settings }) };
}

// Before a process is started for it: what breaks a rule is the user's to mend.
function requireValid(argument: RowArgument): void {
  try {
    freshModel(argument).dispose();
    trainingConfig(configOf(argument).budget, argument.seed);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`#${argument.row}: ${error.message}.`, 'Choose another value.', { cause: error });
  }
}
