import { planScale, planTables, rowNamed, rowsOfTable, scaleNamed, scaleNames } from '@fermata/experiments';
import { tableToText } from '@fermata/report';
import { Command, Option } from 'commander';

import { backendOption, useBackend } from '../backend';
import { interruptible } from '../interruptible';
import { warnOfLoad } from '../load';
import { real, threadCount } from '../options';

interface PlanOptions {
  readonly scale: string;
  readonly rows?: string[];
  readonly measure?: boolean;
  readonly rate?: number;
  readonly threads?: number;
  readonly backend?: string;
  readonly json?: boolean;
}

/** `fermata plan`: what training the rows of a scale takes, before anything is trained. */
export function planCommand(): Command {
  return new Command('plan')
    .description(
      'Predict what training takes at a scale: parameters, FLOPs, memory, time, receptive fields.\n' +
        'Time is by a rate, which is measured here for a second or so unless it is given.',
    )
    .addOption(new Option('--scale <name>', 'how large and how long').choices(scaleNames).default('small'))
    .option('--rows <id...>', 'which rows; else all')
    .option(
      '--measure',
      'make a few training steps of each row, and set what they took beside the prediction',
    )
    .option('--rate <GFLOP/s>', 'what a machine keeps up in training', real({ above: 0 }))
    .option(
      '--threads <number>',
      'threads to measure with (also FERMATA_THREADS); else one for each processor',
      threadCount,
    )
    .addOption(backendOption())
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  fermata plan --scale paper --rate 3000' +
        '\n  fermata plan --scale medium --rows 1.1 1.2 --measure --json',
    )
    .action(async (options: PlanOptions) => {
      const rows = options.rows?.map(rowNamed) ?? [...rowsOfTable('1'), ...rowsOfTable('2')];
      await useBackend(options.backend);
      const plan = await interruptible((display, signal) => {
        if (options.measure === true || options.rate === undefined) warnOfLoad(display);
        return planScale({
          scale: scaleNamed(options.scale),
          rows,
          rate: options.rate,
          measure: options.measure === true,
          threads: options.threads,
          onProgress: (progress) => {
            display.update('plan', progress);
          },
          onWarning: (message) => {
            display.print(message);
          },
          signal,
        });
      }, 'Stopping.');
      console.log(
        options.json === true
          ? JSON.stringify(plan, null, 2)
          : planTables(plan)
              .map((table) => tableToText(table))
              .join('\n'),
      );
    });
}
