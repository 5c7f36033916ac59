import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { UserError, fold, randomKey } from '@fermata/core';
import { fromSources } from '@fermata/testing';

import { DatasetWriter, piecesOf, randomExcerpts, secondsOf, type Dataset } from '.';
import { contentsFingerprint, formatName, type DatasetIndex } from './format';
import { rememberWritten } from './verify';

let folder: string;
let dataset: Dataset;

// Each symbol encodes its place: of 16 bits, the upper 6 name the piece, the lower 10 the timestep.
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'excerpts-'));
  const writer = new DatasetWriter(join(folder, 'small'), { symbols: 65536, rate: 100, description: 'test' });
  [40, 7, 100, 33].forEach((length, index) => {
    const symbols = Uint16Array.from({ length }, (_, t) => index * 1024 + t);
    writer.add({ id: `${index}`, source: '', split: index === 3 ? 'test' : 'train' }, symbols);
  });
  dataset = writer.finish();
});
afterAll(() => {
  dataset.close();
  rmSync(folder, { recursive: true });
});

const key = randomKey(7);

it('never span pieces, begin at multiples of the hop, and are in their split', () => {
  const length = 10;
  const excerpts = randomExcerpts(dataset, { split: 'train', length, count: 300, multipleOf: 8, key });
  const pieces = new Set<number>();
  for (let row = 0; row < 300; row++) {
    const first = excerpts[row * length];
    expect((first % 1024) % 8).toBe(0);
    for (let t = 0; t < length; t++) expect(excerpts[row * length + t]).toBe(first + t);
    pieces.add(Math.floor(first / 1024));
  }
  expect([...pieces].sort()).toEqual([0, 2]);
});

it('are uniform over all beginnings', () => {
  const count = 20000;
  const starts = randomExcerpts(dataset, { split: 'train', length: 5, count, key }).filter(
    (_, i) => i % 5 === 0,
  );
  const counts = new Map<number, number>();
  for (const start of starts) counts.set(start, (counts.get(start) ?? 0) + 1);
  // Number of starts: 36 + 3 + 96. The chi-squared statistic of 134 degrees of freedom stays below 200 except in 2 of
  // 10,000 cases.
  expect(counts.size).toBe(135);
  const expected = count / 135;
  const statistic = [...counts.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  expect(statistic).toBeLessThan(200);
});

it('follow from the key alone', () => {
  const draw = (of: typeof key) => randomExcerpts(dataset, { split: 'train', length: 6, count: 20, key: of });
  expect(draw(key)).toEqual(draw(randomKey(7)));
  expect(draw(key)).not.toEqual(draw(fold(key, 1)));
});

it('may be as long as the longest piece, and no longer', () => {
  const draw = (length: number) => randomExcerpts(dataset, { split: 'test', length, count: 2, key });
  expect(Array.from(draw(33).subarray(0, 33))).toEqual(Array.from({ length: 33 }, (_, t) => 3 * 1024 + t));
  expect(() => draw(34)).toThrow(UserError);
  expect(() => draw(34)).toThrow('The test split has no piece of 0.34 s: its longest has 0.33 s.');
  expect(() => randomExcerpts(dataset, { split: 'validation', length: 1, count: 1, key })).toThrow(UserError);
});

it('counts pieces and seconds of a split', () => {
  expect(piecesOf(dataset, 'train')).toHaveLength(3);
  expect(secondsOf(dataset, 'train')).toBeCloseTo(1.47);
});

// 100 hours are shards of holes: only the part brought into memory matters.
it('needs no more memory for 100 hours than for one', () => {
  const hour = 3600 * 16000;
  const resident = (hours: number) => {
    const path = join(folder, `${hours}`);
    makeEmptyHours(path, hours, hour);
    const child = join(__dirname, 'testing/residentMemory.ts');
    return Number(execFileSync(process.execPath, [...fromSources, child, path], { encoding: 'utf8' }));
  };
  expect(Math.abs(resident(100) - resident(1))).toBeLessThan(50_000);
});

function makeEmptyHours(path: string, hours: number, length: number): void {
  mkdirSync(path);
  const shard = (index: number) => join(path, `shard-${String(index).padStart(5, '0')}.bin`);
  const pieces = Array.from({ length: hours }, (_, index) => {
    const descriptor = openSync(shard(index), 'w');
    ftruncateSync(descriptor, length);
    closeSync(descriptor);
    return {
      id: `${index}`,
      source: '',
      split: 'train' as const,
      length,
      shard: index,
      offset: 0,
      sha256: '',
    };
  });
  const shards = pieces.map(() => length);
  const contents = { symbols: 256, rate: 16000, pieces };
  const index: DatasetIndex = {
    format: formatName,
    fingerprint: contentsFingerprint(contents),
    ...contents,
    description: '',
    shards,
    skipped: [],
    notes: [],
  };
  writeFileSync(join(path, 'index.json'), JSON.stringify(index));
  rememberWritten(path, index); // hashing 100 hours of holes takes long
}
