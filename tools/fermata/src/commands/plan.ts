import {
  planScale,
  planTables,
  rowNamed,
  rowsOfTable,
  scaleNamed,
  scaleNames,
  tableNames,
} from '@fermata/experiments';
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

/** `fermata plan`: the cost of training the rows of a scale, before any training. */
export function planCommand(): Command {
  return new Command('plan')
    .description(
      'Predict the cost of training at a scale: parameters, FLOPs, memory, time, receptive fields. ' +
        'Times follow from a rate, measured here in about a second unless given.',
    )
    .addOption(
      new Option('--scale <name>', 'size of the models and their training')
        .choices(scaleNames)
        .default('small'),
    )
    .option('--rows <id...>', 'rows to plan; else all')
    .option(
      '--measure',
      'make a few training steps of each row, and print their time and memory beside the prediction',
    )
    .option('--rate <GFLOP/s>', 'rate that a machine sustains in training', real({ above: 0 }))
    .option(
      '--threads <number>',
      'threads to measure with (also FERMATA_THREADS); else one per processor',
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
      const rows = options.rows?.map(rowNamed) ?? tableNames.flatMap(rowsOfTable);
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
