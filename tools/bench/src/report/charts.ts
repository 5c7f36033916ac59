import type { SampleResult } from '../sample';
import type { TrainResult } from '../train';
import type { LineChart } from './chart';
import type { SectionResults } from './sections';

type Charted = Omit<SectionResults, 'training' | 'sampling' | 'accuracy' | 'data'>;

/** Charts of the growing cost of a timestep, by section. */
export const charts: { readonly [S in keyof Charted]: (results: Charted[S]) => LineChart } = {
  depth: (results) => trainChart(results, 'layers', 'Cost of training over depth'),
  width: (results) => trainChart(results, 'channels', 'Cost of training over width'),
  length: (results) => trainChart(results, 'length', 'Cost of training over the length of crops'),
  threads: (results) => trainChart(results, 'threads', 'Cost of training over threads'),
  streams: (results) => sampleChart(results),
};

const axisLabels = {
  layers: 'layers',
  channels: 'channels',
  length: 'timesteps of a crop',
  threads: 'threads',
} as const;

function trainChart(
  results: readonly TrainResult[],
  over: keyof typeof axisLabels,
  title: string,
): LineChart {
  return {
    title,
    xLabel: axisLabels[over],
    yLabel: 'microseconds per timestep',
    series: seriesOf(
      results.flatMap((result) => [
        { name: `Fermata ${result.backend}`, x: result[over], rate: result.timestepsPerSecond },
        ...result.peers.map((peer) => ({ name: peer.name, x: result[over], rate: peer.timestepsPerSecond })),
      ]),
    ),
  };
}

function sampleChart(results: readonly SampleResult[]): LineChart {
  return {
    title: 'Cost of sampling over streams',
    xLabel: 'streams at a time',
    yLabel: 'microseconds per sample',
    series: seriesOf(
      results.flatMap(({ sampler, weights, streams, samplesPerSecond, peers }) => [
        { name: `Fermata ${sampler} ${weights}`, x: streams, rate: samplesPerSecond },
        ...peers.map((peer) => ({ name: peer.name, x: streams, rate: peer.samplesPerSecond })),
      ]),
    ),
  };
}

function seriesOf(points: readonly { name: string; x: number; rate: number }[]): LineChart['series'] {
  const names = [...new Set(points.map(({ name }) => name))];
  return names.map((name) => ({
    name,
    points: points
      .filter((point) => point.name === name)
      .sort((a, b) => a.x - b.x)
      .map(({ x, rate }) => [x, 1e6 / rate] as const),
  }));
}
