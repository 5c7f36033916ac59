import { scaleNamed, scaleNames, type Settings, type TrainedRowOptions } from '@fermata/experiments';
import { Command, Option } from 'commander';

import { backendOption } from './backend';
import { integer, settings, threadCount } from './options';
import { userPath } from './paths';

/** What names the training of a row. */
export interface RowOptions {
  readonly scale: string;
  readonly seed: number;
  readonly data?: string[];
  readonly set?: Settings;
  readonly threads?: number;
  readonly backend?: string;
  readonly json?: boolean;
}

/** Adds what names the training of a row to a command. */
export function withRowOptions(command: Command): Command {
  return command
    .addOption(new Option('--scale <name>', 'how large and how long').choices(scaleNames).default('smoke'))
    .option('--seed <number>', 'of everything drawn at random', integer({ least: 0 }), 1)
    .option('--data <path...>', 'recordings that it is trained on; else the built-in corpus')
    .option('--set <name=value...>', 'settings that it has others of than its row', settings)
    .option(
      '--threads <number>',
      'threads that compute (also FERMATA_THREADS); else one for each processor',
      threadCount,
    )
    .addOption(backendOption());
}

/** The training of a row that options name. */
export function trainingOf(
  row: string,
  { scale, seed, data, set }: RowOptions,
): Pick<TrainedRowOptions, 'row' | 'scale' | 'seed' | 'data' | 'settings'> {
  return { row, scale: scaleNamed(scale), seed, data: data?.map(userPath), settings: set };
}
