import { ingest } from '@fermata/audio';
import { selectBackend } from '@fermata/tensor';
import { expectNoLeak } from '@fermata/testing';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isReconstructed, JobGraph, outcomeOfWork, workOn, type PlannedWork } from '../jobs';
import { codesOf, rowNamed, withRows, type Table } from '../rows';
import { autoencoderRow } from '../rows/autoencoderRow';
import { scoringOf } from '../sequences';
import { minimal } from '../testing/minimal';
import { writeRecording } from '../testing/recording';
import { generateAudio } from './generateAudio';
import { listModels } from './findRun';
import { openModel } from './openModel';

// A second level of hop 4 with more codes than fit into a byte: a row as a user adds it.
const toys: Table = {
  number: '9',
  title: 'toys',
  rows: [
    autoencoderRow({
      id: '9.1',
      title: 'VQ-VAE of codes',
      sequence: codesOf('1.2'),
      hop: 4,
      input: 'one-hot',
      quantiser: () => ({ kind: 'vq', codebookSize: 300, depth: 4, alpha: 0.9, beta: 0.25 }),
    }),
  ],
};

const environment = { ...process.env };
const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
beforeAll(async () => {
  process.env.FERMATA_RUNS = join(folder, 'runs');
  await selectBackend('wasm');
  writeRecording(join(folder, 'take.wav'), { seconds: 20, seed: 1 });
});
afterAll(() => {
  process.env = { ...environment };
  rmSync(folder, { recursive: true, force: true });
});

const context = {
  onProgress: () => undefined,
  onWarning: () => undefined,
  signal: new AbortController().signal,
};

it('a row on codes is trained, scored and decoded through level 1, and generates three levels', async () => {
  const dataset = await ingest({ source: join(folder, 'take.wav'), folder: join(folder, 'cache') });
  dataset.close();
  const [test] = dataset.pieces.filter(({ split }) => split === 'test');
  const codes = Math.floor(test.length / 8);
  const common = { scale: minimal, seed: 1, audio: dataset.folder, dataName: 'take' };
  await withRows(toys, async () => {
    const graph = new JobGraph();
    graph.train({ ...common, row: '9.1-prior' });
    graph.reconstruct({ ...common, row: '9.1' });
    expect(graph.jobs.map(({ name }) => name)).toEqual([
      'train #1.2',
      'encode #1.2',
      'train #9.1',
      'encode #9.1',
      'train #9.1-prior',
      'reconstruct #9.1',
    ]);
    expect(isReconstructed({ ...common, row: '9.1' })).toBe(true);
    const outcome = new Map<string, object>();
    for (const { name, work, after } of graph.jobs) {
      for (const needed of after) expect(outcome.has(needed)).toBe(true);
      outcome.set(name, await workOn(work, context));
    }

    // The whole split is scored, except the first codes.
    const second = outcome.get('train #9.1') as { positions: number; codes: { histogram: number[] } };
    const { skip, multipleOf, most } = scoringOf(rowNamed('9.1'), minimal);
    expect([most, second.positions]).toEqual([Infinity, codes - Math.ceil(skip / multipleOf) * multipleOf]);
    expect(second.codes.histogram).toHaveLength(300);
    const counted = second.codes.histogram.reduce((sum, count) => sum + count, 0);
    expect(counted).toBe(Math.floor(codes / 4));
    const { excerpts } = outcome.get('reconstruct #9.1') as {
      excerpts: { reconstruction: string; logSpectralDistance: number }[];
    };
    expect(excerpts[0].logSpectralDistance).toBeGreaterThan(0);
    // Finished jobs are not repeated.
    const works: readonly PlannedWork[] = graph.jobs.map(({ work }) => work);
    for (const work of works) expect(outcomeOfWork(work)).toBeDefined();

    const card = listModels().find(({ row }) => row === '9.1-prior')!;
    expect([card.rate, card.bits, card.below]).toEqual([
      500,
      8,
      ['1.2', '9.1'].map((row) => listModels().find((one) => one.row === row)!.run),
    ]);
    expect(existsSync(join(folder, 'runs', card.run))).toBe(true);
    await expectNoLeak(async () => {
      const opened = openModel({ run: card.run });
      const heard: number[] = [];
      for await (const [samples] of generateAudio({ opened, seconds: 0.3, seed: 1 })) {
        heard.push(...samples);
      }
      expect(heard).toHaveLength(4800);
      expect(Math.max(...heard)).toBeGreaterThan(0);
      opened.dispose();
    });
  });
}, 120_000);
