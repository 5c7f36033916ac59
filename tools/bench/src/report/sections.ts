import { weightFormats } from '@fermata/kernels';
import { availableParallelism } from 'node:os';

import { benchAccuracy, type AccuracyResult } from '../accuracy';
import type { BenchOptions } from '../contenders';
import { benchData, type DataResult } from '../data';
import { benchSample, type SampleResult } from '../sample';
import { benchTrain, type TrainResult } from '../train';

/** Sections of docs/performance.md, in order, with the measurements of each. */
export const sections = {
  training: (options: BenchOptions) =>
    [32, 64, 128, 256].map((channels) => () => benchTrain({ ...options, ...crop, channels, layers: 10 })),
  sampling: (options: BenchOptions) =>
    [
      { streams: 1, threads: 1 },
      { streams: 16, threads: options.threads },
    ].flatMap((how) =>
      weightFormats.map((weights) => () => {
        const peers = weights === 'fp32' ? options.peers : [];
        return benchSample({ ...options, ...how, ...sampled, weights, peers });
      }),
    ),
  accuracy: (options: BenchOptions) => [() => benchAccuracy(options, sampled)],
  data: (options: BenchOptions) => [() => benchData({ ...options, ...crop, channels: 64, layers: 10 })],
  depth: (options: BenchOptions) =>
    [5, 10, 20, 30, 40].map(
      (layers) => () => benchTrain({ ...growth(options), ...crop, channels: 64, layers }),
    ),
  width: (options: BenchOptions) =>
    [16, 32, 64, 128, 256].map(
      (channels) => () => benchTrain({ ...growth(options), ...crop, channels, layers: 10 }),
    ),
  length: (options: BenchOptions) =>
    [256, 1024, 4096, 16384, 65536].map(
      (length) => () => benchTrain({ ...growth(options), ...crop, length, channels: 64, layers: 10 }),
    ),
  threads: (options: BenchOptions) =>
    upTo(Math.max(options.threads, availableParallelism())).map(
      (threads) => () => benchTrain({ ...growth(options), ...crop, threads, channels: 64, layers: 10 }),
    ),
  streams: (options: BenchOptions) =>
    [1, 2, 4, 8, 16, 32, 64].flatMap((streams) =>
      weightFormats.map((weights) => () => {
        const peers = weights === 'fp32' ? growth(options).peers : [];
        return benchSample({ ...growth(options), ...sampled, streams, weights, peers });
      }),
    ),
} as const;

export type SectionName = keyof typeof sections;
export const sectionNames = Object.keys(sections) as SectionName[];

/** Results of a section's benchmarks. */
export interface SectionResults {
  readonly training: readonly TrainResult[];
  readonly sampling: readonly SampleResult[];
  readonly accuracy: readonly AccuracyResult[];
  readonly data: readonly DataResult[];
  readonly depth: readonly TrainResult[];
  readonly width: readonly TrainResult[];
  readonly length: readonly TrainResult[];
  readonly threads: readonly TrainResult[];
  readonly streams: readonly SampleResult[];
}

const crop = { length: 16384, batch: 1 };
const sampled = { channels: 64, layers: 30 };

// A line of a plot has many points, each of which would take minutes with tfjs on wasm and with torch.compile.
function growth(options: BenchOptions): BenchOptions {
  return { ...options, peers: options.peers.filter((peer) => peer !== 'wasm'), compile: false };
}

/** Powers of two 1, 2, 4, … and the largest number. */
function upTo(largest: number): number[] {
  const values = [];
  for (let value = 1; value < largest; value *= 2) values.push(value);
  return [...values, largest];
}
