import {
  benchData,
  benchSample,
  benchTrain,
  describeResult,
  defaultPeers,
  peerKinds,
  sectionNames,
  weightFormats,
  writePerformanceReport,
  type BenchOptions,
  type BenchResult,
  type PeerKind,
  type SectionName,
  type WeightFormat,
} from '@fermata/bench';
import { Argument, Command, Option } from 'commander';
import { availableParallelism } from 'node:os';

import { backendOption } from '../backend';
import { interruptible } from '../interruptible';
import { warnOfLoad } from '../load';
import { integer, threadCount } from '../options';
import { userPath } from '../paths';

/** `fermata bench`: speed of training and sampling on this machine, beside PyTorch and tfjs. */
export function benchCommand(): Command {
  return new Command('bench')
    .description(
      'Measure training, sampling and the data pipeline on this machine, alternating with PyTorch and tfjs on wasm.\n' +
        'Methods and results: docs/performance.md.',
    )
    .addCommand(trainCommand())
    .addCommand(sampleCommand())
    .addCommand(dataCommand())
    .addCommand(reportCommand());
}

interface CommonOptions {
  readonly threads: number;
  readonly backend?: string;
  readonly peers: (PeerKind | 'none')[];
  readonly python?: string[];
  readonly compile: boolean;
  readonly repetitions: number;
  readonly json?: boolean;
}

interface NetworkOptions extends CommonOptions {
  readonly channels: number;
  readonly layers: number;
}

function trainCommand(): Command {
  const command = new Command('train')
    .description('Measure training steps of a WaveNet: forward, backward and Adam.')
    .option('--channels <number>', 'width of the net', integer({ least: 1 }), 64)
    .option('--layers <number>', 'depth of the net', integer({ least: 1 }), 10)
    .option('--length <number>', 'timesteps of a crop', integer({ least: 2 }), 16384)
    .option('--batch <number>', 'crops of a batch', integer({ least: 1 }), 1);
  return withCommonOptions(command, availableParallelism())
    .addHelpText(
      'after',
      '\nExample:\n  fermata bench train --channels 64 --layers 10 --length 16384 --threads 2 --json',
    )
    .action(async (options: NetworkOptions & { length: number; batch: number }) => {
      print(await perform(options, (common) => benchTrain({ ...options, ...common })), options);
    });
}

function sampleCommand(): Command {
  const command = new Command('sample')
    .description('Measure sampling from a WaveNet, one timestep after the other.')
    .option('--channels <number>', 'width of the net', integer({ least: 1 }), 64)
    .option('--layers <number>', 'depth of the net', integer({ least: 1 }), 30)
    .option('--streams <number>', 'sequences at a time', integer({ least: 1 }), 1)
    .addOption(
      new Option('--weights <format>', 'format of the weights')
        .choices([...weightFormats])
        .default(weightFormats[0]),
    );
  return withCommonOptions(command, 1)
    .addHelpText(
      'after',
      '\nExample:\n  fermata bench sample --channels 64 --layers 30 --streams 1 --threads 1 --weights fp32 --json',
    )
    .action(async (options: NetworkOptions & { streams: number; weights: WeightFormat }) => {
      print(await perform(options, (common) => benchSample({ ...options, ...common })), options);
    });
}

function dataCommand(): Command {
  const command = new Command('data')
    .description(
      'Measure the data pipeline alone, from the files of a dataset to a batch, beside a training step.',
    )
    .option('--channels <number>', 'width of the net of the step', integer({ least: 1 }), 64)
    .option('--layers <number>', 'depth of the net of the step', integer({ least: 1 }), 10)
    .option('--length <number>', 'timesteps of a crop', integer({ least: 2 }), 16384)
    .option('--batch <number>', 'crops of a batch', integer({ least: 1 }), 1);
  return withCommonOptions(command, availableParallelism())
    .addHelpText('after', '\nExample:\n  fermata bench data --batch 8 --length 10240')
    .action(async (options: NetworkOptions & { length: number; batch: number }) => {
      print(await perform(options, (common) => benchData({ ...options, ...common })), options);
    });
}

function reportCommand(): Command {
  const command = new Command('report')
    .description(
      'Measure everything and write it into docs/performance.md: tables, and plots of how cost grows.\n' +
        'Each section saves its results when it is done; to continue after a stop, name the remaining sections.',
    )
    .addArgument(
      new Argument('[sections...]', 'sections to measure; else all')
        .choices(sectionNames)
        .default([...sectionNames], 'all'),
    )
    .option('--out <folder>', 'the folder of performance.md', 'docs');
  return withMeasuringOptions(command, availableParallelism())
    .addHelpText('after', '\nExample:\n  fermata bench report training sampling --python ~/torch/bin/python')
    .action((names: SectionName[], options: CommonOptions & { out: string }) =>
      perform(options, (common) =>
        writePerformanceReport({
          ...common,
          sections: names,
          out: userPath(options.out),
          command: `fermata ${process.argv.slice(2).join(' ')}`,
        }),
      ),
    );
}

/** Adds the options of commands that measure one thing and print it. */
function withCommonOptions(command: Command, threads: number): Command {
  return withMeasuringOptions(command, threads).option('--json', 'print JSON');
}

function withMeasuringOptions(command: Command, threads: number): Command {
  return command
    .option('--threads <number>', 'threads of each process', threadCount, threads)
    .addOption(
      new Option('--peers <name...>', 'frameworks to compare with')
        .choices([...peerKinds, 'none'])
        .default([...defaultPeers]),
    )
    .option(
      '--python <path...>',
      'Python interpreters with PyTorch; else the python3 on the PATH, if it has PyTorch',
    )
    .option('--no-compile', 'leave out torch.compile, which compiles slowly')
    .option('--repetitions <number>', 'turns of each process, whose median counts', integer({ least: 1 }), 7)
    .addOption(backendOption());
}

const secondsPerTurn = 0.3;

/** Runs a measurement, with progress on standard error. */
function perform<T>(options: CommonOptions, measure: (common: BenchOptions) => Promise<T>): Promise<T> {
  const pythons = options.python?.map(pythonPath);
  const said = new Set<string>();
  return interruptible((display, signal) => {
    warnOfLoad(display);
    return measure({
      threads: options.threads,
      backend: options.backend,
      peers: peerKinds.filter((kind) => !options.peers.includes('none') && options.peers.includes(kind)),
      pythons,
      compile: options.compile,
      repetitions: options.repetitions,
      seconds: secondsPerTurn,
      onProgress: (progress) => {
        display.update('bench', progress);
      },
      onMessage: (line) => {
        // Each benchmark of a report repeats the same lines.
        if (said.has(line)) return;
        said.add(line);
        display.print(line);
      },
      signal,
    });
  }, 'Stopping: the finished measurements of a report are saved.');
}

function print(result: BenchResult, { json }: CommonOptions): void {
  console.log(json === true ? JSON.stringify(result, null, 2) : describeResult(result));
}

// Paths with folders are relative to the user's folder; bare names are looked up on the PATH.
function pythonPath(python: string): string {
  return /[\\/]/.test(python) || python === '' ? userPath(python) : python;
}
