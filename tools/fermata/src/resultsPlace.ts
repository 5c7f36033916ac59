import { dataWithResults, recordedResultsFolder, scaleNames, type ResultsPlace } from '@fermata/experiments';
import { UserError } from '@fermata/core';
import { Option, type Command } from 'commander';

import { userPath } from './paths';

/** What names a place of results. */
export interface ResultsOptions {
  readonly scale: string;
  readonly name?: string;
  readonly results?: string;
}

/** Adds what names a place of results to a command. */
export function withResultsOptions(command: Command): Command {
  return command
    .addOption(new Option('--scale <name>', 'of the results').choices(scaleNames).default('small'))
    .option('--name <name>', 'what the results are filed under; else the data with most of them')
    .option('--results <folder>', 'where results are kept; else those that came with Fermata');
}

/** The folder of results that options name. */
export function resultsFolder({ results }: ResultsOptions): string {
  return results === undefined ? recordedResultsFolder : userPath(results);
}

/** The place that options name. @throws UserError where there are no results, which says where there are some */
export function resultsPlace(options: ResultsOptions): ResultsPlace {
  const { scale, name } = options;
  const folder = resultsFolder(options);
  const names = dataWithResults(folder, scale);
  const chosen = name ?? names.at(0);
  if (chosen !== undefined && names.includes(chosen)) return { folder, scale, data: chosen };
  const there = [scale, ...scaleNames.filter((other) => other !== scale)].flatMap((other) =>
    dataWithResults(folder, other).map((data) => `--scale ${other} --name ${data}`),
  );
  throw new UserError(
    `${folder}: no results at scale ${scale}${name === undefined ? '' : ` on ${name}`}.`,
    there.length === 0
      ? `Record some with \`fermata table 1 --run --scale ${scale}\`, or name another folder with --results.`
      : `Choose among ${there.join('; ')}.`,
  );
}
