import { writeWav } from '@fermata/audio';
import { DatasetWriter, timed } from '@fermata/data';
import type { Run } from '@fermata/training';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { RowOutcome } from '../jobs';
import { audio, codesOf, rowNamed } from '../rows';
import { minimal } from '../testing/minimal';
import { shown } from '../testing/shown';
import { paperPage } from './page';
import type { PaperPlan } from './plan';
import type { PaperResults } from './results';
import { codesTableOf, costTableOf, figure2Table, paperTablesOf } from './tables';

const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

// All numbers differ, so that a misplaced one shows.
const outcomeOf = (row: string): RowOutcome => ({
  row,
  run: 'run',
  trainNll: 1.5,
  evalNll: 2.5,
  positions: 10,
  parameters: 3,
  receptiveField: 4,
  timesteps: 5,
  seconds: 120,
});
const ofCodes = {
  shuffledPastNll: 7,
  codes: { perplexity: 100, oneSecondPerplexity: 80, codesInUse: 200, histogram: [1, 2], shuffledNll: 6 },
};
const run = {
  id: 'abc',
  file: (name: string) => join(folder, name),
  metrics: () => [{ kind: 'train', timesteps: 10, metrics: { nll: 3, loss: 9 } }],
  provenance: () => undefined,
} as unknown as Run;
const point = {
  receptiveField: 0,
  nll: 5,
  entropy: 4,
  positions: 1,
  parameters: 1,
  timesteps: 1,
  seconds: 60,
};
const results: PaperResults = {
  rows: [
    { row: rowNamed('1.2'), run, outcome: { ...outcomeOf('1.2'), ...ofCodes } },
    { row: rowNamed('2.1'), run, outcome: outcomeOf('2.1') },
  ],
  profiles: [
    { sequence: audio(), points: [point] },
    { sequence: codesOf('1.2'), points: [] },
  ],
  reconstructions: [],
  generation: { run, outcome: { seconds: 1, timestepsPerSecond: 1234, audio: 'generated.wav' } },
};

it('has tables with every number in its column, beside the paper', () => {
  const plan = { scale: minimal, seed: 7 };
  const excerpt = { piece: '', title: '', startSeconds: 0, original: '', reconstruction: '' };
  const reconstructions = [
    {
      row: rowNamed('1.2'),
      run,
      outcome: { excerpts: [{ ...excerpt, logSpectralDistance: 9, loudnessDeviation: 11 }] },
    },
  ];
  const all = { ...results, reconstructions };
  const [table1, table2, ...others] = paperTablesOf(plan, all);
  expect(others).toEqual([]);
  expect([table1.name, table2.name]).toEqual(['table-1', 'table-2']);
  expect(shown(table1)).toEqual([
    {
      '#': '1.2',
      model: 'VQ-VAE',
      'train NLL': 1.5,
      'eval NLL': 2.5,
      perplexity: 100,
      'perplexity, one second †': 80,
      seeds: 1,
      'the paper: train NLL': 0.766,
      'the paper: eval NLL': 0.734,
      'the paper: perplexity': 227.3,
    },
  ]);
  expect(shown(codesTableOf(plan, all))).toEqual([
    {
      '#': '1.2',
      model: 'VQ-VAE',
      'codes in use': 200,
      'NLL, codes shuffled': 6,
      'NLL, past shuffled': 7,
      'log-spectral distance': 9,
      'loudness deviation': 11,
    },
  ]);
  expect(shown(table2)).toEqual([
    {
      '#': '2.1',
      model: 'WaveNet',
      'train NLL': 1.5,
      'eval NLL': 2.5,
      seeds: 1,
      'the paper: train NLL': rowNamed('2.1').paper!.trainNll,
      'the paper: eval NLL': 4.43,
    },
  ]);
  expect(shown(costTableOf(plan, all))).toMatchObject([
    { '#': '1.2', parameters: 3, r: 4, 'trained on': 5, time: 120 },
    { '#': '2.1', 'r of the encoder': null },
  ]);
  expect(shown(figure2Table(plan, all))).toEqual([
    { r: 0, waveform: 5, 'codes of #1.2': undefined },
    { r: 2, waveform: undefined, 'codes of #1.2': undefined },
  ]);
});

it('has the numbers of its results, its data and its runs', async () => {
  const writer = new DatasetWriter(join(folder, 'data'), {
    symbols: 256,
    rate: 16000,
    description: 'silence',
  });
  writer.add({ id: 'a', source: '', split: 'train' }, new Uint8Array(16000 * 90));
  writer.add({ id: 'b', source: '', split: 'test' }, new Uint8Array(16000 * 3));
  const dataset = timed(writer.finish());
  writeWav(join(folder, 'generated.wav'), new Float32Array(16000).fill(0.1), 16000);
  const plan: PaperPlan = {
    scale: minimal,
    seed: 7,
    rows: results.rows.map(({ row }) => row),
    profiled: results.profiles.map(({ sequence }) => sequence),
    system: '3.4',
    jobs: [],
  };
  const page = await paperPage(plan, results, dataset, { command: 'fermata paper', started: '' });
  dataset.close();

  // Two rows of two minutes, and a point of a profile.
  expect(page.lead).toContain('trained on 1.5 minutes of piano in 5 min of computing');
  // Warnings before anything else.
  const [warning, note] = page.summary;
  expect(warning).toMatchObject({ kind: 'warning', title: 'A part of the music is too short' });
  expect(note).toEqual({ kind: 'note', tone: 'information', text: minimal.purpose });
  const numbers = page.summary.flatMap((block) => (block.kind === 'numbers' ? block.numbers : []));
  expect(numbers.slice(0, 2)).toMatchObject([
    { value: '2.500', note: "nats per timestep; the paper's: 0.734" },
    { value: '2.500', note: "nats per code; the paper's: 4.43" },
  ]);
  expect(numbers.at(-1)).toMatchObject({ label: 'samples drawn per second', value: '1,234' });
  const played = page.summary.find(({ kind }) => kind === 'audio');
  expect(played).toMatchObject({ clips: [{ title: '#3.4: hop-8 VQ-VAE + large WaveNet' }] });
  const blocks = page.sections.flatMap((section) => section.blocks);
  const figures = blocks.flatMap((block) => (block.kind === 'figure' ? [block.figure] : []));
  const curves = figures.find(({ title }) => title === 'Learning curves')!;
  expect(curves.data[0]).toMatchObject({ x: [10], y: [3] });
  const tables = blocks.flatMap((block) => (block.kind === 'table' ? [block.table] : []));
  expect(tables.find(({ name }) => name === 'data')!.rows.map(({ seconds }) => seconds)).toEqual([90, 3]);
  expect(page.provenance.runs!.map(({ seed }) => seed)).toEqual([7, 7]);
});
