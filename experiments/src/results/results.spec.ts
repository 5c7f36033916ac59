import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { recordedRow } from '../testing/recordedRow';
import { dataWithResults, readRecordedRows, writeRecordedRow, type RecordedRow } from './recordedRow';
import { summarise } from './summary';

const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const place = { folder, scale: 'small', data: 'piano' };

function recorded(row: string, seed: number, evalNll: number, distances?: (number | null)[]): RecordedRow {
  return recordedRow({
    row,
    seed,
    trainNll: evalNll - 0.1,
    evalNll,
    ...(row !== '1.1' && { codes: { perplexity: 10 * seed } }),
    ...(distances && { distances: distances.map((spectral) => ({ spectral, loudness: 1 })) }),
  });
}

const rows = [recorded('1.1', 1, 2), recorded('1.2', 1, 1.5, [3, 5, null]), recorded('1.2', 2, 1.7, [6])];

describe('recorded rows', () => {
  it('come back as they were, by row and seed', () => {
    for (const row of [...rows].reverse()) writeRecordedRow(place, row);
    expect(readRecordedRows(place)).toEqual(rows);
    expect(dataWithResults(folder, 'small')).toEqual(['piano']);
    expect(readRecordedRows({ ...place, data: 'other' })).toEqual([]);
    expect(dataWithResults(folder, 'other')).toEqual([]);
  });

  it('are files that a person can read', () => {
    const text = readFileSync(join(folder, 'small', 'piano', '1.2.seed-1.json'), 'utf8');
    expect(text).toContain('"histogram": [ 1, 2, 3 ]');
    expect(text).toContain('\n  "evalNll": 1.5,\n');
  });

  it.each([['not JSON'], ['{"format": "another"}']])('are not %s', (text) => {
    const file = join(folder, 'small', 'broken', '1.1.seed-1.json');
    writeRecordedRow({ ...place, data: 'broken' }, rows[0]);
    writeFileSync(file, text);
    expect(() => readRecordedRows({ ...place, data: 'broken' })).toThrow(
      `${file}: not a file of results of this version. Move it away.`,
    );
  });
});

describe('summarise', () => {
  it('puts the seeds of a row together', () => {
    const [first, second] = summarise(rows);
    expect(first).toMatchObject({ id: '1.1', seeds: [1], evalNll: { mean: 2 } });
    expect(first).not.toHaveProperty('perplexity');
    expect(second).toMatchObject({ id: '1.2', title: 'VQ-VAE', seeds: [1, 2] });
    expect(second.evalNll.mean).toBeCloseTo(1.6, 12);
    // Half the 95% interval of two values that are 0.2 apart: t of one degree of freedom · 0.2 / 2.
    expect(second.evalNll.error).toBeCloseTo(1.27062, 4);
    expect(second.perplexity?.mean).toBe(15);
    expect(second).not.toHaveProperty('oneSecondPerplexity');
    // Excerpts first, those in which nothing was measured left out, then seeds.
    expect(second.logSpectralDistance?.mean).toBe(5);
  });
});
