import { alternate, type Entry } from './alternate';
import type { Contender } from './contender';
import { compare, percentOfPeak, rateOf } from './measure';
import type { Part } from './protocol';

describe('alternate', () => {
  let asked: string[] = [];
  beforeEach(() => {
    asked = [];
  });
  /** Fake work that reports a number of seconds, turn after turn. */
  const entry = (name: string, seconds: readonly number[] | null, part: Part = 'step'): Entry => {
    let turn = 0;
    const measure = (_part: Part, repetitions: number) => {
      asked.push(`${name}×${repetitions}`);
      const value = seconds?.[turn++ % seconds.length];
      return Promise.resolve(value === undefined ? null : Array.from({ length: repetitions }, () => value));
    };
    return { name, part, contender: { measure } as unknown as Contender };
  };

  it('takes turns, and repeats quick work until a turn is long enough', async () => {
    const turns = await alternate([entry('a', [0.1]), entry('b', [0.5])], { rounds: 3, seconds: 0.3 });
    expect(asked).toEqual(['a×1', 'b×1', 'a×3', 'b×1', 'a×3', 'b×1']);
    expect(turns).toEqual([
      [0.1, 0.1, 0.1],
      [0.5, 0.5, 0.5],
    ]);
  });

  it('gives very slow entries fewer turns', async () => {
    const turns = await alternate([entry('a', [0.3]), entry('slow', [5])], { rounds: 5, seconds: 0.3 });
    expect(turns.map(({ length }) => length)).toEqual([5, 3]);
  });

  it('leaves out entries without measurements, and does not treat a peak as a time', async () => {
    const turns = await alternate([entry('none', null), entry('peak', [100], 'peak')], {
      rounds: 4,
      seconds: 0.3,
    });
    expect(turns).toEqual([[], [100, 100, 100, 100]]);
    expect(asked.every((line) => line.endsWith('×1'))).toBe(true);
  });

  it('tells how far it is', async () => {
    const progress: unknown[] = [];
    await alternate([entry('a', [1]), entry('b', [1])], {
      rounds: 1,
      seconds: 0.1,
      onProgress: (report) => progress.push(report),
    });
    expect(progress).toEqual([
      { stage: 'a', done: 0, total: 2 },
      { stage: 'b', done: 1, total: 2 },
    ]);
  });
});

it('the ratio is that of the medians, and its range that of the turns side by side', () => {
  const ours = rateOf(60, [6, 3, 1]);
  expect(ours).toEqual({ perSecond: 20, turns: [10, 20, 60] });
  expect(compare(ours, rateOf(60, [6, 12, 3]))).toEqual({ ratio: 2, ratioRange: [1, 4] });
  // A slow peer had fewer turns.
  expect(compare(ours, rateOf(60, [12]))).toEqual({ ratio: 4, ratioRange: [2, 2] });
});

it('percent of the peak is unknown if the peak is', () => {
  expect(percentOfPeak(60, 240)).toBe(25);
  expect(percentOfPeak(60, null)).toBeNull();
});
