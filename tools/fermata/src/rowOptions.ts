import { UserError } from '@fermata/core';
import { isRow, scaleNamed, scaleNames, type Settings, type TrainedRowOptions } from '@fermata/experiments';
import { Command, Option } from 'commander';
import { existsSync } from 'node:fs';

import { backendOption } from './backend';
import { integer, settings, threadCount } from './options';
import { userPath } from './paths';

/** Options that identify the training of a row. */
export interface RowOptions {
  readonly scale: string;
  readonly seed: number;
  readonly data?: string[];
  readonly set?: Settings;
  readonly threads?: number;
  readonly backend?: string;
  readonly json?: boolean;
}

/** Adds the options that identify the training of a row to a command. */
export function withRowOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--scale <name>', 'size of the model and its training').choices(scaleNames).default('smoke'),
    )
    .option('--seed <number>', 'seed of everything drawn at random', integer({ least: 0 }), 1)
    .option('--data <path...>', 'recordings to train on; else the built-in corpus')
    .option('--set <name=value...>', "changes to the row's settings", settings)
    .option(
      '--threads <number>',
      'threads to compute with (also FERMATA_THREADS); else one per processor',
      threadCount,
    )
    .addOption(backendOption());
}

/** The training of a row that options identify. */
export function trainingOf(
  row: string,
  { scale, seed, data, set }: RowOptions,
): Pick<TrainedRowOptions, 'row' | 'scale' | 'seed' | 'data' | 'settings'> {
  return { row, scale: scaleNamed(scale), seed, data: data?.map(recordingPath), settings: set };
}

/** @throws UserError for a row among the recordings, since --data takes every word after it */
function recordingPath(word: string): string {
  const path = userPath(word);
  if (isRow(word) && !existsSync(path)) {
    throw new UserError(
      `--data takes all words after it, also ${word}, which is a row.`,
      'Put the row before the options.',
    );
  }
  return path;
}
