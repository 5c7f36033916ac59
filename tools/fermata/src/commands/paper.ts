import { runPaper, scaleNamed, scaleNames } from '@fermata/experiments';
import { kernelsStatus } from '@fermata/kernels';
import type { BackendStatus } from '@fermata/tensor';
import { defaultConcurrency } from '@fermata/training';
import { Command, Option } from 'commander';
import { join } from 'node:path';

import { backendOption, useBackend } from '../backend';
import { interruptible } from '../interruptible';
import { showJobs } from '../jobProgress';
import { integer, threadCount } from '../options';
import { userPath } from '../paths';

interface PaperCommandOptions {
  readonly scale?: string;
  readonly data?: string[];
  readonly out?: string;
  readonly seed: number;
  readonly jobs: number;
  readonly threads?: number;
  readonly backend?: string;
  readonly json?: boolean;
}

/** `fermata paper`: the paper's tables, figures and music, from recordings or from nothing. */
export function paperCommand(): Command {
  return new Command('paper')
    .description(
      'Train the models of the paper, measure them, generate music, and write a report.\n' +
        'What was done before is taken as it is: stopped at any moment, the same command goes on.',
    )
    .addOption(
      new Option(
        '--scale <name>',
        'how large and how long; else smoke where the kernels are compiled, tiny elsewhere',
      ).choices(scaleNames),
    )
    .option(
      '--data <path...>',
      'recordings (WAV, FLAC, MP3, OGG, MIDI): files or folders; else a built-in corpus',
    )
    .option('--out <folder>', 'where the report goes; else reports/<scale>')
    .option('--seed <number>', 'of everything drawn at random', integer({ least: 0 }), 1)
    .option('--jobs <number>', 'processes at a time', integer({ least: 1 }), defaultConcurrency(1))
    .option(
      '--threads <number>',
      'threads of each process (also FERMATA_THREADS); else all processors are shared out',
      threadCount,
    )
    .addOption(backendOption())
    .option('--json', 'print where the report is as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  fermata paper\n  fermata paper --data ~/piano --out ~/piano-report' +
        '\n\nFERMATA_RUNS names the folder of trained models (else .fermata/runs), FERMATA_CACHE\nthat of prepared audio (else .fermata/cache).',
    )
    .action(async (options: PaperCommandOptions) => {
      const data = options.data?.map(userPath);
      const backend = await useBackend(options.backend);
      const scale = options.scale ?? defaultScale(backend);
      const out = options.out === undefined ? join('reports', scale) : userPath(options.out);
      const report = await interruptible((display, signal) => {
        display.print(
          `Scale ${scale}, backend ${backend.name}, ${options.jobs} jobs at a time; the report goes to ${out}`,
        );
        return runPaper({
          scale: scaleNamed(scale),
          ...(data !== undefined && { data }),
          out,
          seed: options.seed,
          concurrency: options.jobs,
          threads: options.threads,
          command: `fermata ${process.argv.slice(2).join(' ')}`,
          ...showJobs(display),
          signal,
        });
      });
      console.log(options.json === true ? JSON.stringify(report, null, 2) : `Report: ${report.index}`);
    });
}

// What ends within minutes on two cores. On tfjs's own kernels that is tiny alone, of which a person should know first.
function defaultScale({ name }: BackendStatus): string {
  if (name !== 'wasm' && name !== 'cpu') return 'smoke';
  const { available, reason } = kernelsStatus();
  const why = available ? `the backend ${name} was asked for` : reason;
  console.error(`Scale tiny instead of smoke, which takes compiled kernels: ${why}.`);
  return 'tiny';
}
