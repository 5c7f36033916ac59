import type { Table } from '@fermata/report';

import type { AccuracyResult } from '../accuracy';
import type { DataResult } from '../data';
import type { SampleResult } from '../sample';
import type { StepSpeed, TrainResult } from '../train';

type Row = Table['rows'][number];

const ratioNote =
  'Ratio: speed of Fermata relative to this peer in the same run, by medians; in parentheses the range over pairs of turns.';

/** Table of the layer sizes of all scales: forward, backward and whole steps. */
export function trainingTable(results: readonly TrainResult[]): Table {
  const row = (channels: number, name: string, speed: StepSpeed, ratio: string | null): Row => ({
    channels,
    name,
    forward: speed.forward.timestepsPerSecond,
    forwardPercent: speed.forward.percentOfPeak,
    backward: speed.backward?.timestepsPerSecond ?? null,
    backwardPercent: speed.backward?.percentOfPeak ?? null,
    step: speed.timestepsPerSecond,
    gflops: speed.gflopsPerSecond,
    percent: speed.percentOfPeak,
    memory: speed.peakMemoryMiB,
    ratio,
  });
  const [{ layers, length, batch, threads }] = results;
  return {
    name: 'training',
    title: `Training: ${layers} layers, batch ${batch} × ${length}, ${threads} threads`,
    columns: [
      { key: 'channels', title: 'channels' },
      { key: 'name', title: 'software' },
      { key: 'forward', title: 'forward', unit: 'timesteps/s', digits: 0 },
      { key: 'forwardPercent', title: 'of peak', unit: '%', digits: 0 },
      { key: 'backward', title: 'backward', unit: 'timesteps/s', digits: 0 },
      { key: 'backwardPercent', title: 'of peak', unit: '%', digits: 0 },
      { key: 'step', title: 'whole step', unit: 'timesteps/s', digits: 0 },
      { key: 'gflops', title: 'whole step', unit: 'GFLOP/s', digits: 1 },
      { key: 'percent', title: 'of peak', unit: '%', digits: 0 },
      { key: 'memory', title: 'memory', unit: 'MiB', digits: 0 },
      { key: 'ratio', title: 'ratio' },
    ],
    rows: results.flatMap((result) => [
      row(result.channels, `Fermata ${result.backend}`, result, null),
      ...result.peers.map((peer) =>
        row(
          result.channels,
          peer.length === result.length ? peer.name : `${peer.name} (crops of ${peer.length})`,
          peer,
          ratioText(peer),
        ),
      ),
    ]),
    caption: `${peakText(results)} ${ratioNote}`,
  };
}

/** Table of samples per second of all streams together. */
export function samplingTable(results: readonly SampleResult[]): Table {
  const row = (
    { streams, threads }: SampleResult,
    name: string,
    rate: number,
    ratio: string | null,
  ): Row => ({
    streams,
    threads,
    name,
    rate,
    perStream: rate / streams,
    ratio,
  });
  const [{ layers, channels }] = results;
  return {
    name: 'sampling',
    title: `Sampling: ${layers} layers of ${channels} channels`,
    columns: [
      { key: 'streams', title: 'streams' },
      { key: 'threads', title: 'threads' },
      { key: 'name', title: 'software' },
      { key: 'rate', title: 'all streams', unit: 'samples/s', digits: 0 },
      { key: 'perStream', title: 'each stream', unit: 'samples/s', digits: 0 },
      { key: 'ratio', title: 'ratio' },
    ],
    rows: results.flatMap((result) => [
      row(result, `Fermata ${result.sampler} ${result.weights}`, result.samplesPerSecond, null),
      ...result.peers.map((peer) => row(result, peer.name, peer.samplesPerSecond, ratioText(peer))),
    ]),
    caption: `${peakText(results)} ${ratioNote}`,
  };
}

/** Table of the loss through weights of fewer bits. */
export function accuracyTable([result]: readonly AccuracyResult[]): Table {
  const { layers, channels, steps, nll, excerpts, length, divergence } = result;
  return {
    name: 'accuracy',
    title: 'Weights of fewer bits: divergence from fp32 of the distribution of the next symbol',
    columns: [
      { key: 'weights', title: 'weights' },
      { key: 'divergence', title: 'mean KL', unit: 'nats' },
    ],
    rows: Object.entries(divergence).map(([weights, value]) => ({
      weights,
      divergence: value.toExponential(1),
    })),
    caption:
      `${layers} layers of ${channels} channels after ${steps} steps on the built-in corpus, ` +
      `${nll} nats per timestep on the ${excerpts} compared excerpts of ${length} timesteps.`,
  };
}

/** Table of the data pipeline alone. */
export function dataTable(results: readonly DataResult[]): Table {
  const [{ batch, length, channels, layers }] = results;
  return {
    name: 'data',
    title: `Data pipeline: random excerpts, batch ${batch} × ${length}`,
    columns: [
      { key: 'name', title: 'software' },
      { key: 'rate', title: 'alone', unit: 'timesteps/s', digits: 0 },
      { key: 'share', title: 'of a training step', unit: '%', digits: 3 },
      { key: 'ratio', title: 'ratio' },
    ],
    rows: results.flatMap((result) => [
      {
        name: `Fermata ${result.backend}`,
        rate: result.timestepsPerSecond,
        share: result.percentOfStep,
        ratio: null,
      },
      ...result.peers.map((peer) => ({
        name: peer.name,
        rate: peer.timestepsPerSecond,
        share: null,
        ratio: ratioText(peer),
      })),
    ]),
    caption: `The step is one of ${layers} layers of ${channels} channels. ${ratioNote}`,
  };
}

function ratioText({
  ratio,
  ratioRange: [low, high],
}: {
  ratio: number;
  ratioRange: readonly [number, number];
}): string {
  const short = (value: number) => value.toPrecision(value < 10 ? 2 : 3).replace(/e.*/, '');
  return `${short(ratio)} (${short(low)} to ${short(high)})`;
}

function peakText(results: readonly { threads: number; peakGflopsPerSecond: number | null }[]): string {
  const peaks = new Map<number, number[]>();
  for (const { threads, peakGflopsPerSecond: peak } of results) {
    if (peak !== null) peaks.set(threads, [...(peaks.get(threads) ?? []), peak]);
  }
  const texts = [...peaks].map(([threads, values]) => {
    const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(0));
    return `${low === high ? low : `${low} to ${high}`} GFLOP/s with ${threads === 1 ? '1 thread' : `${threads} threads`}`;
  });
  return texts.length === 0 ? 'The peak is unknown.' : `Peak of the machine: ${texts.join(', ')}.`;
}
