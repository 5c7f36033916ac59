import { existsSync } from 'node:fs';

import { randomKey, UserError } from '@fermata/core';
import { openDataset, type TimedDataset } from '@fermata/data';
import type { Level, Model } from '@fermata/models';
import { loadModel, RunStore, type Run } from '@fermata/training';

import { createModel } from '../models';
import { rowConfig, rowNamed, trainingConfig, type RowConfig, type Sequence, type Settings } from '../rows';
import type { JobArgument } from './job';
import { fingerprintOf, withDataset } from './dataset';

export interface RowArgument extends JobArgument {
  /** The id of the row. */
  readonly row: string;
  /** Split that the model is measured on: `test` if left out, `validation` for a search of hyper-parameters. */
  readonly heldOut?: 'validation' | 'test';
  /** Changes to the row's own settings, for a search of better ones. */
  readonly settings?: Settings;
}

/** The part of an argument that determines a row's settings. */
export type RowSettingsArgument = Pick<RowArgument, 'row' | 'scale' | 'settings'>;

/** Settings of a row's training. @throws UserError for settings that the row does not have */
export function configOf({ row, scale, settings }: RowSettingsArgument): RowConfig {
  return rowConfig(rowNamed(row), scale, settings);
}

/** Run of a row's training. The rows below must be trained and their codes made. */
export function rowRun(argument: RowArgument): Run {
  const { seed, row } = argument;
  const { model, budget, loop } = configOf(argument);
  return new RunStore().run({
    config: { model, training: trainingConfig(budget, seed, loop) },
    seed,
    data: fingerprintOf(sequenceFolder(rowNamed(row).sequence, argument)),
  });
}

/** Run that encodes a row's sequence: its codes are the data of the rows above. */
export function codesRun(argument: RowArgument): Run {
  return new RunStore().run({
    config: { job: 'encode', model: rowRun(argument).id },
    seed: argument.seed,
    data: fingerprintOf(sequenceFolder(rowNamed(argument.row).sequence, argument)),
  });
}

/** File with the outcome of a run of codes. */
export const codesOutcomeFile = 'codes.json';

/** Folder of the codes in a run of codes. */
export function codesFolder(run: Run): string {
  return run.file('codes');
}

/** Describes damage to the codes of a run; undefined if they are as they were made. */
export function damageOfCodes(run: Run): string | undefined {
  try {
    openDataset(codesFolder(run)).close();
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.problem;
    throw error;
  }
}

/**
 * Folder of a sequence's dataset: the audio itself, or the codes of the row below, with the same scale and seed. The rows
 * below must be trained, and their codes made.
 */
export function sequenceFolder(sequence: Sequence, argument: JobArgument): string {
  return sequence.kind === 'audio' ? argument.audio : codesFolder(codesRun(belowOf(sequence.of, argument)));
}

/** Tells whether the dataset of a sequence exists: the rows below are trained, and their codes made. */
export function hasSequence(sequence: Sequence, argument: JobArgument): boolean {
  if (sequence.kind === 'audio') return true;
  if (!hasSequence(rowNamed(sequence.of).sequence, argument)) return false;
  const run = codesRun(belowOf(sequence.of, argument));
  return existsSync(run.file(codesOutcomeFile)) && damageOfCodes(run) === undefined;
}

/** Calls a function with the open dataset of a row's sequence. */
export async function withRowData<T>(
  argument: RowArgument,
  use: (dataset: TimedDataset) => T | Promise<T>,
): Promise<T> {
  return withDataset(sequenceFolder(rowNamed(argument.row).sequence, argument), use);
}

/** Argument of a row below, with its own settings. */
export function belowOf(row: string, { scale, seed, audio, dataName }: JobArgument): RowArgument {
  return { row, scale, seed, audio, dataName };
}

/**
 * Loads a row's model with the averaged weights from the end of its training. @throws UserError if it is not trained
 */
export function loadRow(argument: RowArgument): Model {
  const model = freshModel(argument);
  loadModel(rowRun(argument), model);
  return model;
}

/**
 * Loads a row's model as a level. @throws UserError if it is not trained @throws RangeError if the model is not a level
 */
export function loadLevel(argument: RowArgument): { readonly model: Model; readonly level: Level } {
  const model = loadRow(argument);
  const level = model.asLevel?.();
  if (level === undefined) throw new RangeError(`row ${argument.row} has no codes`);
  return { model, level };
}

/** Creates a row's model with fresh weights. */
export function freshModel(argument: RowSettingsArgument & { readonly seed: number }): Model {
  return createModel(configOf(argument).model, randomKey(`model ${argument.seed}`));
}
