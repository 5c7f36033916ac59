import { UserError } from '@fermata/core';

import type { Machine } from '../machine';
import type { TrainResult } from '../train';
import { lineChartSvg, type LineChart } from './chart';
import { renderPage, type Results } from './page';

const machine: Machine = {
  processor: 'Processor',
  cores: 2,
  memoryGiB: 8,
  platform: 'linux x64',
  node: 'v20.0.0',
  processorFeatures: ['avx2'],
  instructionSet: null,
  loadAverage: 0.25,
};
const speed = { seconds: 1, timestepsPerSecond: 1000, gflopsPerSecond: 12, percentOfPeak: 60 };
const step = {
  ...speed,
  forward: speed,
  backward: { ...speed, timestepsPerSecond: 2000 },
  optimiserSeconds: 0,
  peakMemoryMiB: 345.67,
};
const result: TrainResult = {
  benchmark: 'train',
  channels: 64,
  layers: 10,
  length: 16384,
  batch: 1,
  threads: 2,
  backend: 'native',
  flopsPerTimestep: 1,
  ...step,
  peakGflopsPerSecond: 20,
  peers: [
    { ...step, timestepsPerSecond: 500, name: 'tfjs wasm', length: 2048, ratio: 2, ratioRange: [1.9, 12.34] },
  ],
  unavailable: [],
  repetitions: 3,
  machine,
};
const origin = {
  finished: '2026-01-02T03:04:05Z',
  commit: '0123456789abcdef',
  command: 'fermata bench report',
  machine,
};

describe('the page of results', () => {
  const page =
    'Before\n<!-- bench:training -->\nold\n<!-- /bench:training -->\nBetween\n<!-- bench:depth --><!-- /bench:depth -->\n';

  it('gets tables and images between its marks, and keeps what stands outside', () => {
    const results: Results = {
      training: { origin, results: [result] },
      depth: { origin, results: [result] },
    };
    const { page: rendered, images } = renderPage(page, results);
    expect(rendered).toMatch(/^Before\n<!-- bench:training -->\n\n\*\*Training/);
    expect(rendered).toContain(
      '| 64 | Fermata native | 1000 | 60 | 2000 | 60 | 1000 | 12.0 | 60 | 346 | N/A |',
    );
    expect(rendered).toContain(
      '| 64 | tfjs wasm (crops of 2048) | 1000 | 60 | 2000 | 60 | 500 | 12.0 | 60 | 346 | 2.0 (1.9 to 12.3) |',
    );
    expect(rendered).toContain('Peak of the machine: 20 GFLOP/s with 2 threads.');
    expect(rendered).toContain(
      '*`fermata bench report` on 2026-01-02, commit 0123456789: 2 × Processor, avx2, 8 GiB, linux x64, Node v20.0.0, load average 0.25.*',
    );
    expect(rendered).toContain('![Cost of training over depth](performance/depth.svg)');
    expect(rendered).not.toContain('old');
    expect(rendered).toContain('\nBetween\n');
    expect([...images.keys()]).toEqual(['depth.svg']);
    expect(renderPage(rendered, results).page).toBe(rendered);
  });

  it('leaves missing measurements empty', () => {
    const older = Object.fromEntries(Object.entries(result).filter(([key]) => key !== 'peakMemoryMiB'));
    const results: Results = { training: { origin, results: [older as unknown as TrainResult] } };
    expect(renderPage(page, results).page).toContain('| 12.0 | 60 | … | N/A |');
  });

  it('must have a place for every section', () => {
    const results: Results = { width: { origin, results: [result] } };
    expect(() => renderPage(page, results)).toThrow(
      new UserError(
        'The page of results has no place for width.',
        'Put <!-- bench:width --> and <!-- /bench:width --> where the section belongs.',
      ),
    );
  });
});

describe('a chart', () => {
  const chart: LineChart = {
    title: 'Cost over <depth>',
    xLabel: 'layers',
    yLabel: 'microseconds',
    series: [
      {
        name: 'A & B',
        points: [
          [1, 1],
          [10, 10],
          [100, 100],
        ],
      },
      { name: 'C', points: [[1, 30]] },
    ],
  };

  it('shows doublings alike, and every series under its name', () => {
    const svg = lineChartSvg(chart);
    const [, path] = /d="(M[^"]*L[^"]*)"/.exec(svg)!;
    const coordinates = path
      .split(/[ML]/)
      .slice(1)
      .map((point) => point.split(' ').map(Number));
    const [first, second, third] = coordinates;
    expect(second[0] - first[0]).toBeCloseTo(third[0] - second[0], 0);
    expect(second[1] - first[1]).toBeCloseTo(third[1] - second[1], 0);
    expect(svg.match(/<circle/g)).toHaveLength(4 + 2); // includes the points and the legend
    expect(svg).toContain('A &amp; B');
    expect(svg).toContain('<title>Cost over &lt;depth&gt;</title>');
  });

  it('of one point has an axis too', () => {
    expect(lineChartSvg({ ...chart, series: [{ name: 'C', points: [[8, 30]] }] })).not.toMatch(
      /NaN|Infinity/,
    );
  });

  it('rejects values without a logarithm', () => {
    expect(() => lineChartSvg({ ...chart, series: [] })).toThrow('there are no points');
    expect(() => lineChartSvg({ ...chart, series: [{ name: 'C', points: [[0, 1]] }] })).toThrow(RangeError);
    expect(() => lineChartSvg({ ...chart, series: [{ name: 'C', points: [[1, NaN]] }] })).toThrow(RangeError);
  });
});
