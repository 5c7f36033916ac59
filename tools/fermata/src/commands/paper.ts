import { runPaper, scaleNames } from '@fermata/experiments';
import { createProgressDisplay, defaultConcurrency } from '@fermata/training';
import { Command, Option } from 'commander';
import { join } from 'node:path';

import { backendOption, useBackend } from '../backend';
import { integerOption } from '../options';
import { userPath } from '../paths';

interface PaperCommandOptions {
  readonly scale: string;
  readonly data?: string[];
  readonly out?: string;
  readonly seed: number;
  readonly jobs: number;
  readonly backend?: string;
  readonly json?: boolean;
}

/** `fermata paper`: the paper's tables, figures and music, from recordings or from nothing. */
export function paperCommand(signal: AbortSignal): Command {
  return new Command('paper')
    .description(
      'Train the models of the paper, measure them, generate music, and write a report.\n' +
        'What was done before is taken as it is: stopped at any moment, the same command goes on.',
    )
    .addOption(
      new Option('--scale <name>', 'how large and how long').choices(scaleNames).default(scaleNames[0]),
    )
    .option(
      '--data <path...>',
      'recordings (WAV, FLAC, MP3, OGG, MIDI): files or folders; else a built-in corpus',
    )
    .option('--out <folder>', 'where the report goes; else reports/<scale>')
    .option('--seed <number>', 'of everything drawn at random', integerOption('--seed', 0), 1)
    .option('--jobs <number>', 'processes at a time', integerOption('--jobs', 1), defaultConcurrency(1))
    .addOption(backendOption())
    .option('--json', 'print where the report is as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  fermata paper\n  fermata paper --data ~/piano --out ~/piano-report' +
        '\n\nFERMATA_RUNS names the folder of trained models (else .fermata/runs), FERMATA_CACHE that of prepared audio.',
    )
    .action(async (options: PaperCommandOptions) => {
      await useBackend(options.backend);
      const display = createProgressDisplay();
      try {
        const report = await runPaper({
          scale: options.scale,
          ...(options.data !== undefined && { data: options.data.map(userPath) }),
          out: options.out === undefined ? join('reports', options.scale) : userPath(options.out),
          seed: options.seed,
          concurrency: options.jobs,
          command: `fermata ${process.argv.slice(2).join(' ')}`,
          onProgress: (name, progress) => {
            display.update(name, progress);
          },
          onFinished: (name, wasDone) => {
            display.finish(name, wasDone ? 'was done before' : 'done');
          },
          onWarning: (name, message) => {
            display.print(`${name}: ${message}`);
          },
          signal,
        });
        display.close();
        console.log(options.json === true ? JSON.stringify(report, null, 2) : `Report: ${report.index}`);
      } finally {
        display.close();
      }
    });
}
