import { DatasetWriter, timed, type Split, type TimedDataset } from '@fermata/data';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { RowOutcome } from '../jobs';
import { audio, rowNamed } from '../rows';
import { minimal } from '../testing/minimal';
import type { PaperResults, TrainedRow } from './results';
import { warningsOf } from './warnings';

const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
const datasets: TimedDataset[] = [];
afterAll(() => {
  for (const dataset of datasets) dataset.close();
  rmSync(folder, { recursive: true });
});

/** Silence of the given seconds in each split. */
function datasetOf(seconds: Readonly<Record<Split, number>>): TimedDataset {
  const rate = 1000;
  const path = join(folder, String(datasets.length));
  const writer = new DatasetWriter(path, { symbols: 256, rate, description: 'silence' });
  for (const [split, length] of Object.entries(seconds)) {
    if (length > 0) {
      writer.add({ id: split, source: '', split: split as Split }, new Uint8Array(rate * length));
    }
  }
  const dataset = timed(writer.finish());
  datasets.push(dataset);
  return dataset;
}
const enough = { train: 60, validation: 10, test: 10 };

function trained(id: string, evalNll: number, codesInUse?: number): TrainedRow {
  const codes = codesInUse === undefined ? {} : { codes: { codesInUse } };
  return { row: rowNamed(id), outcome: { evalNll, ...codes } as RowOutcome } as TrainedRow;
}
const unigram = {
  receptiveField: 0,
  nll: 5,
  entropy: 5,
  positions: 1,
  parameters: 1,
  timesteps: 1,
  seconds: 1,
};
const profiles: PaperResults['profiles'] = [{ sequence: audio(), points: [unigram] }];
const good = [trained('1.1', 3), trained('1.2', 3, 32), trained('1.2-continuous', 3), trained('2.1', 6)];

describe('warningsOf', () => {
  it('is silent if nothing is wrong with the results', () => {
    expect(warningsOf({ rows: good, profiles }, datasetOf(enough), minimal)).toEqual([]);
  });

  it('warns of splits of less than ten seconds, with their lengths', () => {
    const [warning, ...others] = warningsOf(
      { rows: good, profiles },
      datasetOf({ train: 60, validation: 0, test: 9 }),
      minimal,
    );
    expect(others).toEqual([]);
    expect(warning.title).toBe('A part of the music is too short');
    expect(warning.text).toContain('little music: validation: 0 s, test: 9 s.');
    expect(warning.advice).toContain('CSV');
  });

  it('warns of models that predict little better than one without input', () => {
    const rows = [...good, trained('1.4', 4.6, 200), trained('1.5', NaN, 200)];
    const [warning, ...others] = warningsOf({ rows, profiles }, datasetOf(enough), minimal);
    expect(others).toEqual([]);
    expect(warning.title).toBe('Some models have hardly learnt');
    expect(warning.text).toContain('#1.4 has hardly learnt: its eval NLL is 4.600 nats');
    expect(warning.text).toContain('#1.5 has hardly learnt: its eval NLL is NaN nats');
    expect(warning.text).not.toMatch(/#1\.[12] /);
    expect(warning.advice).toContain('--scale small');
  });

  it('warns of codebooks that use less than an eighth of their codes', () => {
    const rows = [...good, trained('1.3', 3, 31), trained('1.4', 3, 1)];
    const [warning, ...others] = warningsOf({ rows, profiles }, datasetOf(enough), minimal);
    expect(others).toEqual([]);
    expect(warning.title).toBe('A codebook has collapsed');
    expect(warning.text).toMatch(/: #1\.3 uses 31 of its 256 codes; #1\.4 uses 1 of its 256 codes\.$/);
    expect(warning.advice).toContain('--set quantiser.restartBelow=0.5');
  });

  it('has the worst warning first', () => {
    const rows = [trained('1.2', 5, 2)];
    const dataset = datasetOf({ train: 1, validation: 1, test: 1 });
    const titles = warningsOf({ rows, profiles }, dataset, minimal).map(({ title }) => title);
    expect(titles).toEqual([
      'A part of the music is too short',
      'Some models have hardly learnt',
      'A codebook has collapsed',
    ]);
  });
});
