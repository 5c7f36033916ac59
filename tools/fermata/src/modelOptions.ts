import {
  describeModel,
  openModel,
  openTrainedRow,
  requireRole,
  rowConfig,
  rowNamed,
  type ModelRole,
  type OpenedModel,
  type TrainedRowOptions,
} from '@fermata/experiments';
import { UserError } from '@fermata/core';
import type { Command } from 'commander';

import { integer } from './options';
import { userPath } from './paths';
import { trainingOf, withRowOptions, type RowOptions } from './rowOptions';

/** The options that name a trained model. */
export interface ModelOptions extends RowOptions {
  readonly run?: string;
  readonly model?: string;
  /** Seed of the training, if `seed` is that of the draw. */
  readonly trainingSeed?: number;
}

/**
 * Adds the options that name a trained model to a command: a run, an exported folder, or a row with its training.
 *
 * @param options.draws true if `--seed` is the seed of the draw, so that the training has a separate option
 */
export function withModelOptions(command: Command, { draws = false } = {}): Command {
  const described = withRowOptions(command);
  if (draws) {
    described.option('--training-seed <number>', 'seed of the training of a row', integer({ least: 0 }), 1);
  }
  return withRunOptions(described);
}

/** Adds the options that name a trained model by its run or its folder to a command. */
export function withRunOptions(command: Command): Command {
  return command
    .option('--run <id>', 'trained model by its run, or the beginning of its id: see `fermata runs`')
    .option('--model <folder>', 'trained model by its folder, written by `fermata export`');
}

/**
 * Splits the words of a command into the optional row and the others.
 *
 * @param names names of the words after the row: `<file> <out>`
 * @throws UserError for too many words or too few
 */
export function splitRow(
  words: readonly string[],
  names: readonly string[],
  options: ModelOptions,
): { row: string | undefined; rest: readonly string[] } {
  const isNamed = options.run !== undefined || options.model !== undefined;
  const expected = names.length + (isNamed ? 0 : 1);
  if (words.length === expected) {
    return isNamed ? { row: undefined, rest: words } : { row: words[0], rest: words.slice(1) };
  }
  const usage = `${isNamed ? '' : '<row> '}${names.map((name) => `<${name}>`).join(' ')}`;
  throw new UserError(
    `${words.length} arguments are given, but the command takes ${usage}.`,
    isNamed
      ? 'With --run or --model, leave out the row.'
      : 'Name the model by a row, or by --run or --model.',
  );
}

/**
 * Opens the model that a command names.
 *
 * @throws UserError for an untrained model, for an unknown name, and for a model of another role
 */
export async function openChosen(
  row: string | undefined,
  role: ModelRole,
  command: Command,
  listeners: Pick<TrainedRowOptions, 'onProgress' | 'onFinished' | 'onWarning' | 'signal'>,
): Promise<OpenedModel> {
  const options = command.opts<ModelOptions>();
  const { trainingSeed } = options;
  if (row !== undefined) {
    const training = trainingOf(row, { ...options, seed: trainingSeed ?? options.seed });
    // Checks the role before preparing data.
    const { model: config } = rowConfig(rowNamed(row), training.scale, training.settings);
    requireRole(`Row ${row}`, describeModel(config), role);
    return openTrainedRow({ ...training, ...listeners });
  }
  requireNoTraining(command);
  return openNamed(options, role);
}

/**
 * Opens the model that --run or --model names.
 *
 * @throws UserError for an unknown name, and for a model of another role
 */
export function openNamed({ run, model }: Pick<ModelOptions, 'run' | 'model'>, role: ModelRole): OpenedModel {
  if (run !== undefined && model !== undefined) {
    throw new UserError('--run and --model name two models.', 'Leave one out.');
  }
  if (run === undefined && model === undefined) {
    throw new UserError('No model is named.', 'Give a row, --run or --model.');
  }
  const opened = openModel(run === undefined ? { model: userPath(model!) } : { run });
  try {
    requireRole(`Row ${opened.card.row}`, describeModel(opened.card.model), role);
  } catch (error) {
    opened.dispose();
    throw error;
  }
  return opened;
}

/** @throws UserError for an option that identifies a training, if --run or --model names the model */
function requireNoTraining(command: Command): void {
  const draws = command.options.some(({ long }) => long === '--training-seed');
  const ofTraining = ['scale', 'data', 'set', ...(draws ? ['trainingSeed'] : [])];
  const idle = command.options.find(
    (option) =>
      ofTraining.includes(option.attributeName()) &&
      command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (idle === undefined) return;
  throw new UserError(
    `${idle.long} identifies a training of a row, but --run or --model already names the model.`,
    `Leave out ${idle.long}.`,
  );
}
