import { rowNamed, symbolName, trainOneRow, type TrainedRun } from '@fermata/experiments';
import { duration } from '@fermata/core';
import { Command, Option } from 'commander';

import { useBackend } from '../backend';
import { checkpointOption, useCheckpointMinutes } from '../checkpointOption';
import { interruptible } from '../interruptible';
import { showJobs } from '../jobProgress';
import { trainingOf, withRowOptions, type RowOptions } from '../rowOptions';
import { say, sayJson } from '../say';

interface TrainOptions extends RowOptions {
  readonly heldOut: 'validation' | 'test';
  readonly checkpointMinutes?: number;
}

/** `fermata train`: one row of a table. */
export function trainCommand(): Command {
  const command = new Command('train')
    .summary('Train the model of one row and measure it.')
    .description(
      'Train the model of one row of any table and measure it. Rows below it are trained first. ' +
        'It can be stopped at any moment: the same command continues. It does not train a trained row again.',
    )
    .argument(
      '<row>',
      'number in the paper, such as 1.2 or 2.1, or the prior on the codes of a row, such as 1.3-prior',
    );
  return withRowOptions(command)
    .addOption(
      new Option('--held-out <split>', 'split to measure on').choices(['validation', 'test']).default('test'),
    )
    .addOption(checkpointOption())
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  fermata train 1.2\n  fermata train 1.4 --scale small --data ~/piano --seed 2\n' +
        '  fermata train 1.4 --held-out validation --set quantiser.diversity.nu=0.01 budget.learningRate=3e-3',
    )
    .action(async (row: string, options: TrainOptions) => {
      rowNamed(row);
      useCheckpointMinutes(options.checkpointMinutes);
      await useBackend(options.backend);
      let outcome: TrainedRun | undefined;
      await interruptible(async (display, signal) => {
        outcome = await trainOneRow({
          ...trainingOf(row, options),
          heldOut: options.heldOut,
          concurrency: 1,
          threads: options.threads,
          ...showJobs(display),
          onNeeded: (rows) => {
            const names = rows.map((id) => `#${id}`).join(', then ');
            display.print(`#${row} models codes, so ${names} is trained and encodes the data first.`);
          },
          signal,
        });
      });
      if (options.json === true) sayJson(outcome);
      else say(...describe(outcome!, options));
    });
}

function describe(outcome: TrainedRun, { heldOut }: TrainOptions): string[] {
  const { codes, shuffledPastNll } = outcome;
  const unit = symbolName(rowNamed(outcome.row).sequence);
  const nats = (nll: number) => `${nll.toFixed(3)} nats per ${unit}`;
  const lines: (readonly [label: string, text: string])[] = [
    ['train NLL', nats(outcome.trainNll)],
    [`${heldOut} NLL`, nats(outcome.evalNll)],
    ...(codes === undefined
      ? []
      : ([
          ['codes shuffled', nats(codes.shuffledNll)],
          ['perplexity', `${codes.perplexity.toFixed(1)}, ${codes.codesInUse} codes in use`],
        ] as const)),
    ...(shuffledPastNll === undefined ? [] : [['past shuffled', nats(shuffledPastNll)] as const]),
    ['parameters', outcome.parameters.toLocaleString('en')],
    ['trained on', `${outcome.timesteps.toLocaleString('en')} timesteps in ${duration(outcome.seconds)}`],
    ['run', outcome.folder],
  ];
  return [
    `#${outcome.row} ${rowNamed(outcome.row).title}`,
    ...lines.map(([label, text]) => `${label.padEnd(16)}${text}`),
  ];
}
