import { tableToText, type Table } from '@fermata/report';

import type { DataResult } from './data';
import { machineLine } from './machine';
import type { SampleResult } from './sample';
import type { StepSpeed, TrainResult } from './train';

/** Result of a benchmark. */
export type BenchResult = TrainResult | SampleResult | DataResult;

/** Formats a result for people, on a terminal. */
export function describeResult(result: BenchResult): string {
  const tables = { train: trainTable, sample: sampleTable, data: dataTable };
  const table = (tables[result.benchmark] as (result: BenchResult) => Table)(result);
  return `${tableToText(table)}\n${machineLine(result.machine)}, load average ${result.machine.loadAverage}`;
}

function trainTable(result: TrainResult): Table {
  const { channels, layers, batch, length, threads, backend, peakGflopsPerSecond: peak } = result;
  const row = (name: string, speed: StepSpeed, ratio: number | null): Table['rows'][number] => ({
    name,
    step: speed.timestepsPerSecond,
    forward: speed.forward.timestepsPerSecond,
    backward: speed.backward?.timestepsPerSecond ?? null,
    gflops: speed.gflopsPerSecond,
    percent: speed.percentOfPeak,
    memory: speed.peakMemoryMiB,
    ratio,
  });
  return {
    name: 'train',
    title: `Training: ${layers} layers of ${channels} channels, batch ${batch} × ${length}, ${threadsText(threads)}`,
    columns: [
      { key: 'name', title: '' },
      { key: 'forward', title: 'forward', unit: 'timesteps/s', digits: 0 },
      { key: 'backward', title: 'backward', unit: 'timesteps/s', digits: 0 },
      { key: 'step', title: 'step', unit: 'timesteps/s', digits: 0 },
      { key: 'gflops', title: 'step', unit: 'GFLOP/s', digits: 1 },
      { key: 'percent', title: 'of peak', unit: '%', digits: 1 },
      { key: 'memory', title: 'memory', unit: 'MiB', digits: 0 },
      { key: 'ratio', title: 'ratio', digits: 2 },
    ],
    rows: [
      row(`Fermata ${backend}`, result, null),
      ...result.peers.map((peer) =>
        row(peer.length === length ? peer.name : `${peer.name} (crops of ${peer.length})`, peer, peer.ratio),
      ),
    ],
    caption: peakText(peak),
  };
}

function sampleTable(result: SampleResult): Table {
  const { channels, layers, streams, threads, weights, sampler } = result;
  return {
    name: 'sample',
    title: `Sampling: ${layers} layers of ${channels} channels, ${streams === 1 ? '1 stream' : `${streams} streams`}, ${threadsText(threads)}`,
    columns: [
      { key: 'name', title: '' },
      { key: 'rate', title: 'samples/s', digits: 0 },
      { key: 'ratio', title: 'ratio', digits: 2 },
    ],
    rows: [
      { name: `Fermata ${sampler} ${weights}`, rate: result.samplesPerSecond, ratio: null },
      ...result.peers.map(({ name, samplesPerSecond, ratio }) => ({ name, rate: samplesPerSecond, ratio })),
    ],
    caption: peakText(result.peakGflopsPerSecond),
  };
}

function dataTable(result: DataResult): Table {
  const { batch, length, backend, channels, layers, percentOfStep } = result;
  return {
    name: 'data',
    title: `Data: batches of ${batch} × ${length}`,
    columns: [
      { key: 'name', title: '' },
      { key: 'rate', title: 'timesteps/s', digits: 0 },
      { key: 'ratio', title: 'ratio', digits: 2 },
    ],
    rows: [
      { name: `Fermata ${backend}`, rate: result.timestepsPerSecond, ratio: null },
      ...result.peers.map(({ name, timestepsPerSecond, ratio }) => ({
        name,
        rate: timestepsPerSecond,
        ratio,
      })),
    ],
    caption: `A batch takes ${percentOfStep}% of a training step of ${layers} layers of ${channels} channels.`,
  };
}

function threadsText(threads: number): string {
  return threads === 1 ? '1 thread' : `${threads} threads`;
}

function peakText(peak: number | null): string {
  return peak === null ? 'The peak is unknown: the kernels are not built.' : `Peak: ${peak} GFLOP/s.`;
}
