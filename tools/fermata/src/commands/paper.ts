import { runPaper, scaleNamed, scaleNames } from '@fermata/experiments';
import { kernelsStatus } from '@fermata/kernels';
import type { BackendStatus } from '@fermata/tensor';
import { defaultConcurrency } from '@fermata/training';
import { Command, Option } from 'commander';
import { join } from 'node:path';

import { backendOption, useBackend } from '../backend';
import { checkpointOption, useCheckpointMinutes } from '../checkpointOption';
import { interruptible } from '../interruptible';
import { showJobs } from '../jobProgress';
import { integer, threadCount } from '../options';
import { userPath } from '../paths';
import { say, sayJson } from '../say';

interface PaperCommandOptions {
  readonly scale?: string;
  readonly data?: string[];
  readonly out?: string;
  readonly seed: number;
  readonly jobs: number;
  readonly threads?: number;
  readonly checkpointMinutes?: number;
  readonly backend?: string;
  readonly json?: boolean;
}

/** `fermata paper`: the paper's tables, figures and music, from recordings or from nothing. */
export function paperCommand(): Command {
  return new Command('paper')
    .description(
      'Train the models of the paper, measure them, generate music, and write a report. ' +
        'It can be stopped at any moment: the same command continues, without repeating finished jobs.',
    )
    .addOption(
      new Option(
        '--scale <name>',
        'size of the models and their training; else smoke with compiled kernels, or tiny without',
      ).choices(scaleNames),
    )
    .option(
      '--data <path...>',
      'recordings (WAV, FLAC, MP3, Ogg, Opus, MIDI): files or folders; else a built-in corpus',
    )
    .option('--out <folder>', 'folder of the report; else reports/<scale>')
    .option('--seed <number>', 'seed of everything drawn at random', integer({ least: 0 }), 1)
    .option('--jobs <number>', 'processes at a time', integer({ least: 1 }), defaultConcurrency(1))
    .option(
      '--threads <number>',
      'threads of each process (also FERMATA_THREADS); else the processes share all processors',
      threadCount,
    )
    .addOption(checkpointOption())
    .addOption(backendOption())
    .option('--json', 'print the path of the report as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  fermata paper\n  fermata paper --data ~/piano --out ~/piano-report' +
        '\n\nFERMATA_RUNS names the folder of trained models (else .fermata/runs), FERMATA_CACHE\nthat of prepared audio (else .fermata/cache).',
    )
    .action(async (options: PaperCommandOptions) => {
      useCheckpointMinutes(options.checkpointMinutes);
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
      if (options.json === true) sayJson(report);
      else say(`Report: ${report.index}`);
    });
}

// The largest scale that ends within minutes on two cores: tiny with tfjs's own kernels, which the user should know
// first.
function defaultScale({ name }: BackendStatus): string {
  if (name !== 'wasm' && name !== 'cpu') return 'smoke';
  const { available, reason } = kernelsStatus();
  const why = available ? `the backend ${name} was asked for` : reason;
  console.error(`Scale tiny instead of smoke, which needs compiled kernels: ${why}.`);
  return 'tiny';
}
