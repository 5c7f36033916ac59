import type { WeightFormat } from '@fermata/kernels';

import type { BenchOptions, Unavailable } from './contenders';
import type { Machine } from './machine';
import { compare, measure, percentOfPeak, rateOf, type Rate, type Timing } from './measure';
import { flopsPerTimestep } from './flops';
import { dilationsOf, type NetworkSize } from './network';
import type { SampleTask } from './protocol';
import { significant } from './statistics';

/** Sampled net: the one of docs/performance.md, with a hidden layer of 256 units in its head. */
export interface SampleOptions extends BenchOptions {
  readonly channels: number;
  readonly layers: number;
  /** Number of sequences drawn at a time. */
  readonly streams: number;
  readonly weights: WeightFormat;
}

export interface SamplePeer {
  readonly name: string;
  /** Samples per second of all streams together. */
  readonly samplesPerSecond: number;
  /** Fermata's samples per second divided by the peer's. */
  readonly ratio: number;
  readonly ratioRange: readonly [low: number, high: number];
}

/** Output of `fermata bench sample --json`. */
export interface SampleResult {
  readonly benchmark: 'sample';
  readonly channels: number;
  readonly layers: number;
  readonly streams: number;
  readonly threads: number;
  readonly weights: WeightFormat;
  /** Sampler: the compiled kernels, `native`, or `TypeScript` without them. */
  readonly sampler: string;
  /** Samples per second of all streams together. */
  readonly samplesPerSecond: number;
  readonly flopsPerTimestep: number;
  readonly gflopsPerSecond: number;
  readonly percentOfPeak: number | null;
  readonly peakGflopsPerSecond: number | null;
  readonly peers: readonly SamplePeer[];
  readonly unavailable: readonly Unavailable[];
  readonly repetitions: number;
  readonly machine: Machine;
}

const head = 256;

/** Measures sampling from a WaveNet. @throws UserError if a backend or a Python is not available */
export async function benchSample(options: SampleOptions): Promise<SampleResult> {
  const { channels, layers, streams, threads, weights, repetitions } = options;
  const size: NetworkSize = { channels, layers, head };
  const task = sampleTask(size, options);
  const slower = { ...task, timesteps: Math.min(task.timesteps, slowTimesteps), weights: 'fp32' } as const;
  const measured = await measure(
    { task, parts: ['sample'], wasmTask: slower, pytorchTask: slower, compilable: true },
    options,
  );
  const { subject, peers, peak, unavailable, machine } = measured;
  const flops = flopsPerTimestep(size).forward;
  const samplesPerSecond = rate(subject).perSecond;
  const gflopsPerSecond = significant((samplesPerSecond * flops) / 1e9);
  return {
    benchmark: 'sample',
    channels,
    layers,
    streams,
    threads,
    weights,
    sampler: subject.name,
    samplesPerSecond,
    flopsPerTimestep: flops,
    gflopsPerSecond,
    percentOfPeak: percentOfPeak(gflopsPerSecond, peak),
    peakGflopsPerSecond: peak,
    peers: peers.map((peer) => ({
      name: peer.name,
      samplesPerSecond: rate(peer).perSecond,
      ...compare(rate(subject), rate(peer)),
    })),
    unavailable,
    repetitions,
    machine,
  };
}

// Long chunks make the cost of a chunk negligible. Slow peers get short ones, which cost them nothing.
const samplesPerChunk = 2048;
const fewestTimesteps = 128;
const slowTimesteps = 100;
// Beyond the longest dilation, so that every ring buffer is read.
const checkLength = 600;

function sampleTask(
  { channels, layers }: NetworkSize,
  { streams, weights }: Pick<SampleOptions, 'streams' | 'weights'>,
): SampleTask {
  return {
    kind: 'sample',
    channels,
    head,
    dilations: dilationsOf(layers),
    streams,
    weights,
    timesteps: Math.max(fewestTimesteps, Math.floor(samplesPerChunk / streams)),
    checkLength,
  };
}

function rate({ task, turns }: Timing): Rate {
  const { streams, timesteps } = task as SampleTask;
  return rateOf(streams * timesteps, turns.sample!);
}
