import { randomKey } from '@fermata/core';

import type { Split } from './format';
import { assignSplits, inDrawnOrder, type Work } from './splits';

const key = randomKey(1);
const works = (seconds: readonly number[], given: Readonly<Record<number, Split | undefined>> = {}): Work[] =>
  seconds.map((value, index) => {
    const split = given[index];
    return { id: `work ${index}`, seconds: value, ...(split && { split }) };
  });
const sums = (of: readonly Work[], seed = key) => {
  const { splits, missing } = assignSplits(of, seed);
  const sum = (split: Split) =>
    of.reduce((total, { id, seconds }) => total + (splits.get(id) === split ? seconds : 0), 0);
  return { train: sum('train'), validation: sum('validation'), test: sum('test'), missing };
};

it('gives about 80, 10 and 10% of the music to the splits, whatever the seed', () => {
  const many = works(Array.from({ length: 60 }, (_, i) => 60 + ((i * 97) % 300)));
  const total = many.reduce((sum, { seconds }) => sum + seconds, 0);
  for (let seed = 0; seed < 20; seed++) {
    const { train, validation, test, missing } = sums(many, randomKey(seed));
    expect(missing).toEqual([]);
    expect(train / total).toBeGreaterThan(0.75);
    expect(train / total).toBeLessThan(0.85);
    for (const held of [validation, test]) {
      expect(held / total).toBeGreaterThan(0.075);
      expect(held / total).toBeLessThan(0.125);
    }
  }
});

it('depends on the seed and the names, and not on the order of the works', () => {
  const many = works(Array.from({ length: 30 }, () => 100));
  const { splits } = assignSplits(many, key);
  expect(new Map([...assignSplits([...many].reverse(), key).splits].sort())).toEqual(
    new Map([...splits].sort()),
  );
  expect(assignSplits(many, randomKey(2)).splits).not.toEqual(splits);
});

it('keeps an order to which new works are added in between', () => {
  const many = works(Array.from({ length: 20 }, () => 100));
  const before = inDrawnOrder(many.slice(1), key).map(({ id }) => id);
  const after = inDrawnOrder(many, key).map(({ id }) => id);
  expect(after.filter((id) => id !== 'work 0')).toEqual(before);
});

it.each([
  [[100, 30, 20], { train: 100, validation: 30, test: 20, missing: [] }],
  [[100, 30], { train: 100, validation: 0, test: 30, missing: ['validation'] }],
  [[100], { train: 100, validation: 0, test: 0, missing: ['validation', 'test'] }],
])('leaves the longest of few works to train: %j', (seconds, expected) => {
  expect(sums(works(seconds))).toEqual(expected);
});

it.each([
  [
    'a fragment goes beside the nearest work',
    [30, 30, 30, 30, 0.2],
    { train: 60, validation: 30, test: 30.2 },
  ],
  ['two long works and a fragment', [100, 30, 0.2], { train: 100, validation: 0, test: 30.2 }],
  ['a long work and a fragment', [100, 0.2], { train: 100.2, validation: 0, test: 0 }],
  ['a long work and many fragments', [1000, 1, 1, 1, 1, 1, 1], { train: 1006, validation: 0, test: 0 }],
])('holds out about a tenth, or nothing: %s', (_, seconds, expected) => {
  for (let seed = 0; seed < 10; seed++) {
    const { missing, ...found } = sums(works(seconds), randomKey(seed));
    expect({ ...found, total: 0 }).toEqual({ ...expected, total: 0 });
    expect(missing).toEqual((['validation', 'test'] as const).filter((split) => found[split] === 0));
  }
});

it('never holds out a fragment alone', () => {
  for (let seed = 0; seed < 300; seed++) {
    const count = 2 + (seed % 9);
    const seconds = Array.from(
      { length: count },
      (_, i) => [0.1, 3, 40, 200, 600][(seed * 7 + i * i * 3) % 5],
    );
    const total = seconds.reduce((sum, value) => sum + value);
    const { validation, test } = sums(works(seconds), randomKey(seed));
    for (const held of [validation, test]) if (held > 0) expect(held / total).toBeGreaterThanOrEqual(0.025);
  }
});

it('keeps the splits that are given', () => {
  const given = works([100, 10, 10, 10], { 0: 'test', 1: 'train', 2: 'train', 3: 'validation' });
  expect(sums(given)).toEqual({ train: 20, validation: 10, test: 100, missing: [] });
});

it('takes works of train for a split without given works', () => {
  const given = works([10, 100, 40, 30], { 0: 'train', 1: 'train', 2: 'train', 3: 'test' });
  expect(sums(given)).toEqual({ train: 140, validation: 10, test: 30, missing: [] });
});

it('fills given splits with free works', () => {
  const mixed = works([100, 100, 10, 10, 80], { 0: 'train', 1: 'train', 2: 'test' });
  const { splits } = assignSplits(mixed, key);
  expect(['work 0', 'work 1', 'work 2'].map((id) => splits.get(id))).toEqual(['train', 'train', 'test']);
  expect(sums(mixed).missing).toEqual([]);
});

it('holds out 10% of all the music, including given works', () => {
  const seconds = Array.from({ length: 55 }, (_, index) => (index < 5 ? 100 : 10));
  const { validation, test } = sums(
    works(seconds, { 0: 'train', 1: 'train', 2: 'train', 3: 'train', 4: 'train' }),
  );
  for (const held of [validation, test]) {
    expect(held).toBeGreaterThanOrEqual(75);
    expect(held).toBeLessThanOrEqual(125);
  }
});

it('reports that no music is left to train on', () => {
  expect(sums(works([10, 10], { 0: 'test', 1: 'validation' })).missing).toEqual(['train']);
});
