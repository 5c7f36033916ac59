import {
  assessClaims,
  claimRecord,
  claimsTable,
  dataWithResults,
  describeClaim,
  readRecordedRows,
  recordedResultsFolder,
  scaleNames,
  type ResultsPlace,
} from '@fermata/experiments';
import { UserError } from '@fermata/core';
import { tableToText } from '@fermata/report';
import { Command, Option } from 'commander';

import { userPath } from '../paths';

interface ClaimsCommandOptions {
  readonly scale: string;
  readonly data?: string;
  readonly results?: string;
  readonly json?: boolean;
}

/** `fermata claims`: what recorded results say of each finding of the paper. */
export function claimsCommand(): Command {
  return new Command('claims')
    .description(
      'Print for each finding of the paper whether recorded results reproduce or contradict it, or leave it undecided.',
    )
    .addOption(new Option('--scale <name>', 'of the results').choices(scaleNames).default('small'))
    .option('--data <name>', 'what the results are filed under; else the first that there is')
    .option('--results <folder>', 'where results are kept; else those that came with Fermata')
    .option('--json', 'print the claims as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  fermata claims --scale small\n  fermata claims --scale smoke --data piano --results ~/piano-results --json' +
        '\n\n`fermata table 1 --run` records results.',
    )
    .action((options: ClaimsCommandOptions) => {
      const place = placeOf(options);
      const assessed = assessClaims(readRecordedRows(place));
      if (options.json === true) {
        const { scale, data } = place;
        console.log(
          JSON.stringify(
            assessed.map((claim) => ({ ...claimRecord(claim), scale, data })),
            null,
            2,
          ),
        );
        return;
      }
      console.log([tableToText(claimsTable(assessed, place)), ...assessed.map(describeClaim)].join('\n'));
    });
}

function placeOf({ scale, data, results }: ClaimsCommandOptions): ResultsPlace {
  const folder = results === undefined ? recordedResultsFolder : userPath(results);
  const names = dataWithResults(folder, scale);
  const chosen = data ?? names.at(0);
  if (chosen !== undefined && names.includes(chosen)) return { folder, scale, data: chosen };
  const there = [scale, ...scaleNames.filter((name) => name !== scale)].flatMap((name) =>
    dataWithResults(folder, name).map((other) => `--scale ${name} --data ${other}`),
  );
  throw new UserError(
    `${folder}: no results at scale ${scale}${data === undefined ? '' : ` on ${data}`}.`,
    there.length === 0
      ? `Record some with \`fermata table 1 --run --scale ${scale}\`, or name another folder with --results.`
      : `Choose among ${there.join('; ')}.`,
  );
}
