import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { scaleNamed } from '../scales';
import { recordedRow } from '../testing/recordedRow';
import type { RecordedRow } from './recordedRow';
import {
  dataWithResults,
  readRecordedRows,
  requireSameDataAsRecorded,
  writeRecordedRow,
} from './recordedRows';
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

/** The text of the first row's file, with changes. */
const edited = (change: (row: RecordedRow) => unknown) => JSON.stringify(change(rows[0]));

describe('recorded rows', () => {
  it('are read as written, by row and seed', () => {
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

  const broken = { ...place, data: 'broken' };
  const read = () => readRecordedRows(broken);
  const reasons: [what: string, text: string, reason: string][] = [
    ['words', 'not JSON', ''],
    ['nothing', 'null', ''],
    ['of another format', '{"format": "another"}', 'format: Invalid input: expected "fermata-row-1"'],
    ['cut short', '{"format": "fermata-row-1"}', 'row: Invalid input: expected string, received undefined'],
    ['of no row', edited((row) => ({ ...row, row: '9.9' })), 'row: the row is unknown'],
    [
      'without a number',
      edited((row) => ({ ...row, measured: { ...row.measured, evalNll: null } })),
      'measured.evalNll: Invalid input: expected number, received null',
    ],
  ];

  it.each(reasons)('are not %s', (_what, text, reason) => {
    const file = writeRecordedRow(broken, rows[0]);
    writeFileSync(file, text);
    expect(read).toThrow(`${file}: not a results file of this version`);
    expect(read).toThrow(reason);
    expect(read).toThrow('Remove it, or record it again with `fermata table --run`.');
    rmSync(file);
  });

  it.each([
    ['another seed', '1.1.seed-2.json', edited((row) => row)],
    ['another row', '1.3.seed-1.json', edited((row) => row)],
    ['another scale', '1.1.seed-1.json', edited((row) => ({ ...row, scale: 'smoke' }))],
  ])('are not in files of %s', (_what, name, text) => {
    const file = join(folder, 'small', 'broken', name);
    writeFileSync(file, text);
    expect(read).toThrow(`${file}: holds the results of #1.1 with seed 1 at scale s`);
    rmSync(file);
  });

  it('are of one set of data, except for other bits of mu-law', () => {
    const of = (row: string, seed: number, fingerprint: string) => ({
      ...recorded(row, seed, 1),
      data: { name: 'mixed', fingerprint },
    });
    const mixed = { ...place, data: 'mixed' };
    writeRecordedRow(mixed, of('1.1', 1, 'abc'));
    writeRecordedRow(mixed, of('1.2-10-bit', 1, 'abc of 10 bits'));
    expect(readRecordedRows(mixed)).toHaveLength(2);
    requireSameDataAsRecorded(mixed, new Map([[8, 'abc']]));
    expect(() => {
      requireSameDataAsRecorded(mixed, new Map([[10, 'def']]));
    }).toThrow(
      '1.2-10-bit.seed-1.json: was trained on other data (abc of 10 bits) than the results beside it (def).',
    );
    writeRecordedRow(mixed, of('1.2', 3, 'def'));
    expect(() => readRecordedRows(mixed)).toThrow(
      '1.2.seed-3.json: was trained on other data (def) than the results beside it (abc).',
    );
  });

  it('are listed by data, those with most results first, and only in folders', () => {
    const many = { ...place, folder: join(folder, 'many') };
    writeRecordedRow({ ...many, data: 'a' }, rows[0]);
    for (const row of rows) writeRecordedRow({ ...many, data: 'b' }, row);
    writeFileSync(join(many.folder, 'small', 'README'), 'what is here');
    expect(dataWithResults(many.folder, 'small')).toEqual(['b', 'a']);
  });
});

describe('summarise', () => {
  it('groups the seeds of a row', () => {
    const [first, second] = summarise(rows, scaleNamed('small'));
    expect(first).toMatchObject({ id: '1.1', seeds: [1], evalNll: { mean: 2 } });
    expect(first).not.toHaveProperty('perplexity');
    expect(second).toMatchObject({ id: '1.2', title: 'VQ-VAE', seeds: [1, 2] });
    expect(second.seconds).toBe(3);
    expect(second.evalNll.mean).toBeCloseTo(1.6, 12);
    // Half the 95% interval of two values 0.2 apart: t of one degree of freedom · 0.2 / 2.
    expect(second.evalNll.error).toBeCloseTo(1.27062, 4);
    expect(second.perplexity?.mean).toBe(15);
    expect(second).not.toHaveProperty('oneSecondPerplexity');
    // Takes the mean over excerpts first, without unmeasured ones, then over seeds.
    expect(second.logSpectralDistance?.mean).toBe(5);
  });
});
