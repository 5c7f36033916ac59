import {
  benchData,
  benchSample,
  benchTrain,
  describeResult,
  peerKinds,
  weightFormats,
  type BenchOptions,
  type BenchResult,
  type PeerKind,
  type WeightFormat,
} from '@fermata/bench';
import { createProgressDisplay } from '@fermata/training';
import { Command, Option } from 'commander';
import { availableParallelism } from 'node:os';

import { backendOption } from '../backend';
import { integer } from '../options';
import { userPath } from '../paths';

/** `fermata bench`: how fast this machine trains and samples, beside PyTorch and tfjs. */
export function benchCommand(): Command {
  return new Command('bench')
    .description(
      'Measure training, sampling and the data pipeline on this machine, beside PyTorch and tfjs on wasm in turn.\n' +
        'What is measured, and results: docs/performance.md.',
    )
    .addCommand(trainCommand())
    .addCommand(sampleCommand())
    .addCommand(dataCommand());
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
    .action((options: NetworkOptions & { length: number; batch: number }) =>
      perform(options, (common) => benchTrain({ ...options, ...common })),
    );
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
    .action((options: NetworkOptions & { streams: number; weights: WeightFormat }) =>
      perform(options, (common) => benchSample({ ...options, ...common })),
    );
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
    .action((options: NetworkOptions & { length: number; batch: number }) =>
      perform(options, (common) => benchData({ ...options, ...common })),
    );
}

function withCommonOptions(command: Command, threads: number): Command {
  return command
    .option('--threads <number>', 'threads of each process', integer({ least: 1 }), threads)
    .addOption(
      new Option('--peers <name...>', 'what to compare with')
        .choices([...peerKinds, 'none'])
        .default([...peerKinds]),
    )
    .option('--python <path...>', 'Pythons that have PyTorch; else the python3 on the PATH, if it has')
    .option('--no-compile', 'leave torch.compile out, which takes its time to compile')
    .option('--repetitions <number>', 'turns of each process; medians are of these', integer({ least: 1 }), 7)
    .addOption(backendOption())
    .option('--json', 'print JSON');
}

const secondsPerTurn = 0.3;

async function perform(
  options: CommonOptions,
  bench: (common: BenchOptions) => Promise<BenchResult>,
): Promise<void> {
  const display = createProgressDisplay();
  try {
    const result = await bench({
      threads: options.threads,
      backend: options.backend,
      peers: peerKinds.filter((kind) => !options.peers.includes('none') && options.peers.includes(kind)),
      pythons: options.python?.map(pythonPath),
      compile: options.compile,
      repetitions: options.repetitions,
      seconds: secondsPerTurn,
      onProgress: (progress) => {
        display.update('bench', progress);
      },
      onMessage: (line) => {
        display.print(line);
      },
    });
    console.log(options.json === true ? JSON.stringify(result, null, 2) : describeResult(result));
  } finally {
    display.close();
  }
}

// A path with folders is relative to where the user stands; a bare name is looked up on the PATH.
function pythonPath(python: string): string {
  return /[\\/]/.test(python) || python === '' ? userPath(python) : python;
}
