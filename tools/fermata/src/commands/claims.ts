import {
  assessClaims,
  claimRecord,
  claimsTable,
  describeClaim,
  readRecordedRows,
} from '@fermata/experiments';
import { tableToText } from '@fermata/report';
import { Command } from 'commander';

import { resultsPlace, withResultsOptions, type ResultsOptions } from '../resultsPlace';
import { sayJson } from '../say';

interface ClaimsCommandOptions extends ResultsOptions {
  readonly json?: boolean;
}

/** `fermata claims`: the verdict of recorded results on each finding of the paper. */
export function claimsCommand(): Command {
  const command = new Command('claims').description(
    'Print for each finding of the paper if recorded results reproduce it, contradict it or leave it undecided.',
  );
  return withResultsOptions(command)
    .option('--json', 'print the claims as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  fermata claims --scale small\n  fermata claims --scale smoke --name piano --results ~/piano-results --json' +
        '\n\n`fermata table --run` records results.',
    )
    .action((options: ClaimsCommandOptions) => {
      const place = resultsPlace(options);
      const assessed = assessClaims(readRecordedRows(place));
      if (options.json === true) {
        const { scale, data } = place;
        sayJson(assessed.map((claim) => ({ ...claimRecord(claim), scale, data })));
        return;
      }
      console.log([tableToText(claimsTable(assessed, place)), ...assessed.map(describeClaim)].join('\n'));
    });
}
