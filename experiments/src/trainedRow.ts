import { loadWaveform, encodeMuLaw } from '@fermata/audio';
import type { TimedDataset } from '@fermata/data';
import { DiscreteAutoencoder } from '@fermata/autoencoder';
import { UserError } from '@fermata/core';

import { dataSeed, prepareData, type DataOptions } from './data';
import { requireWritableCache, requireWritableRuns } from './folders';
import { outcomeOf } from './jobs/job';
import { configOf, freshModel, loadRow, rowRun, type RowArgument } from './jobs/rowRun';
import { runPlanned, type PlannedOptions } from './jobs/runPlanned';
import { trainRow, type RowOutcome } from './jobs/trainRow';
import { reachOf } from './model';
import { requireEnoughMusicFor } from './paper/enoughMusic';
import { rowNamed } from './rows';
import type { Settings } from './settings';
import { audioRate } from './table-1/base';

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
 * @throws UserError for data that cannot be used, for settings that the row cannot have, and for a row that does not
 *   model audio
 */
export async function trainOneRow(
  options: TrainedRowOptions & PlannedOptions & { readonly heldOut: 'validation' | 'test' },
): Promise<TrainedRun> {
  requireValid(options);
  requireWritableRuns();
  const dataset = await dataOf(options);
  try {
    const argument = { ...argumentOf(options, dataset), heldOut: options.heldOut };
    requireEnoughMusicFor(argument, dataset);
    await runPlanned(
      [{ name: `train #${options.row}`, work: { kind: 'train', argument }, after: [] }],
      options,
    );
    return { ...outcomeOf(trainRow, argument)!, folder: rowRun(argument).folder };
  } finally {
    dataset.close();
  }
}

/** A recording, and which training of a row is to encode it. */
export interface TrainedAutoencoderOptions extends TrainedRowOptions {
  /** A WAV, FLAC, MP3 or Ogg Vorbis file. */
  readonly recording: string;
  /** How much of it, from its beginning; all when left out. */
  readonly seconds?: number | undefined;
  /** Whether it must have codes: a continuous bottleneck has none. */
  readonly needsCodes: boolean;
}

/** An autoencoder of audio, and a recording as it takes it. */
export interface TrainedAutoencoder {
  readonly model: DiscreteAutoencoder;
  /** Of the audio, in Hz. */
  readonly rate: number;
  /** The recording's symbols, `[time]`, at that rate: of one code at least. */
  readonly symbols: Int32Array;
}

/**
 * Calls a function with the autoencoder of a row that was trained before and with a recording, and disposes of the model.
 *
 * @throws UserError when it is not trained, for a row that is no autoencoder of audio or has not the codes needed, for a
 *   recording that cannot be read or is shorter than a code, and for settings that the row cannot have
 */
export async function withTrainedAutoencoder<T>(
  options: TrainedAutoencoderOptions,
  use: (autoencoder: TrainedAutoencoder) => Promise<T>,
): Promise<T> {
  const { row, scale } = options;
  requireAutoencoder(options);
  requireValid(options);
  const samples = await readRecording(options);
  const dataset = await dataOf(options);
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
      rate: audioRate,
      symbols: Int32Array.from(encodeMuLaw(samples, model.symbols)),
    });
  } finally {
    model.dispose();
  }
}

function requireAutoencoder({ row, scale, needsCodes }: TrainedAutoencoderOptions): void {
  const model = rowNamed(row).model(scale);
  const isContinuous = model.kind === 'autoencoder' && model.config.quantiser.kind === 'continuous';
  if (model.kind === 'autoencoder' && !(needsCodes && isContinuous)) return;
  const what = isContinuous ? 'has a continuous bottleneck' : 'is no autoencoder';
  const lacks = needsCodes ? 'has no codes' : 'reconstructs nothing';
  throw new UserError(`Row ${row} ${what}: it ${lacks}.`, 'Choose another row.');
}

/** The samples of the recording, `[time]`, as far as they are wanted. */
async function readRecording(options: TrainedAutoencoderOptions): Promise<Float32Array> {
  const { row, recording, seconds = Infinity, signal } = options;
  const whole = await loadWaveform(recording, audioRate, { signal });
  const samples = whole.subarray(0, Math.round(seconds * audioRate));
  const { hop } = reachOf(configOf(trainingOf(options)).model);
  if (samples.length >= hop) return samples;
  throw new UserError(
    `${recording}: a code of #${row} stands for ${hop} samples at 16 kHz, but there are ${samples.length}.`,
    whole.length < hop ? 'Choose a longer recording.' : 'Give more --seconds.',
  );
}

function dataOf(options: TrainedRowOptions): Promise<TimedDataset> {
  const { levels } = rowNamed(options.row);
  requireWritableCache();
  return prepareData({ ...options, seed: dataSeed, ...(levels && { levels }) });
}

/** What names a training, before its data are known. */
function trainingOf({ row, scale, seed, settings }: TrainedRowOptions): Omit<RowArgument, 'dataset'> {
  return { row, scale, seed, ...(settings && { settings }) };
}

function argumentOf(options: TrainedRowOptions, { folder }: TimedDataset): RowArgument {
  return { ...trainingOf(options), dataset: folder };
}

// Before data are prepared and a process is started for it: what breaks a rule is the user's to mend.
function requireValid(options: TrainedRowOptions): void {
  const { row, settings } = options;
  const { sequence } = rowNamed(row);
  if (sequence !== 'audio') {
    throw new UserError(
      `Row ${row} models the codes of #${sequence}, not audio.`,
      'Train it with `fermata paper`.',
    );
  }
  try {
    freshModel(trainingOf(options)).dispose();
  } catch (error) {
    if (!(error instanceof RangeError) || settings === undefined) throw error;
    throw new UserError(
      `#${row}: ${error.message}.`,
      `Choose another value of ${Object.keys(settings).join(' or ')}.`,
      { cause: error },
    );
  }
}
