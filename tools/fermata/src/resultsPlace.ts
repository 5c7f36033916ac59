import {
  dataWithResults,
  localResultsFolder,
  recordedResultsFolder,
  scaleNames,
  type ResultsPlace,
} from '@fermata/experiments';
import { UserError } from '@fermata/core';
import { Option, type Command } from 'commander';

import { userPath } from './paths';

/** Options that name a place of results. */
export interface ResultsOptions {
  readonly scale: string;
  readonly name?: string;
  readonly results?: string;
}

/** Adds the options that name a place of results to a command. */
export function withResultsOptions(command: Command): Command {
  return command
    .addOption(new Option('--scale <name>', 'scale of the results').choices(scaleNames).default('small'))
    .option('--name <name>', 'name of the data; else the data with most results')
    .option(
      '--results <folder>',
      'folder of results; else the results that come with Fermata, and those of `fermata paper` on this machine',
    );
}

/** Folder to record results in: the named one, else that of the results that come with Fermata. */
export function resultsFolder({ results }: ResultsOptions): string {
  return results === undefined ? recordedResultsFolder : userPath(results);
}

/**
 * Finds the place that options name: in the named folder, else among the results that come with Fermata or those of
 * `fermata paper` on this machine.
 *
 * @throws UserError for a place without results, with the places that have some
 */
export function resultsPlace(options: ResultsOptions): ResultsPlace {
  const { scale, name, results } = options;
  const folders = results === undefined ? [recordedResultsFolder, localResultsFolder()] : [userPath(results)];
  for (const folder of folders) {
    const names = dataWithResults(folder, scale);
    const chosen = name ?? names.at(0);
    if (chosen !== undefined && names.includes(chosen)) return { folder, scale, data: chosen };
  }
  const known = [scale, ...scaleNames.filter((other) => other !== scale)].flatMap((other) =>
    folders.flatMap((folder) =>
      dataWithResults(folder, other).map((data) => `--scale ${other} --name ${data}`),
    ),
  );
  throw new UserError(
    `${folders[0]}: no results at scale ${scale}${name === undefined ? '' : ` on ${name}`}.`,
    known.length === 0
      ? `Record some with \`fermata table 1 --run --scale ${scale}\`, or name another folder with --results.`
      : `Choose among ${known.join('; ')}.`,
  );
}
