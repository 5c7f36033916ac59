import { expectClose, loadGoldens } from '@fermata/testing';

import { conjunction, judge, pairedDifference, type Expectation, type SeedValue } from './comparison';

const seeded = (values: readonly number[]): SeedValue[] => values.map((value, i) => ({ seed: i + 1, value }));

describe('pairedDifference', () => {
  it.each(Object.entries(loadGoldens('evaluation/claims')))("has SciPy's interval of %s", (_name, golden) => {
    const { mean, error, seeds } = pairedDifference(
      seeded(golden.first.values),
      seeded(golden.second.values),
    )!;
    expect(seeds.length).toBe(golden.first.values.length);
    expectClose([mean - error!, mean + error!], [golden.low.values[0], golden.high.values[0]], 1e-6);
  });

  it('pairs by seed, in any order, and leaves out seeds that one side lacks', () => {
    const first = [
      { seed: 3, value: 5 },
      { seed: 1, value: 2 },
      { seed: 7, value: 100 },
    ];
    const second = [
      { seed: 1, value: 1 },
      { seed: 2, value: -100 },
      { seed: 3, value: 2 },
    ];
    // Differences 3 and 1: t of one degree of freedom, 12.7062, times the standard error of their mean, 1.
    const { seeds, mean, error } = pairedDifference(first, second)!;
    expect([seeds, mean]).toEqual([[3, 1], 2]);
    expectClose(error!, 12.7062, 1e-5);
  });

  it('has no interval for one pair, no result for none, and rejects a repeated seed', () => {
    expect(pairedDifference(seeded([2]), seeded([0.5, 9]))).toEqual({ seeds: [1], mean: 1.5 });
    expect(pairedDifference([{ seed: 1, value: 1 }], [{ seed: 2, value: 1 }])).toBeUndefined();
    const twice = [...seeded([1]), ...seeded([2])];
    expect(() => pairedDifference(seeded([1]), twice)).toThrow('a seed occurs twice');
  });
});

describe('judge', () => {
  const difference = (mean: number, error?: number) => ({
    seeds: [1, 2, 3],
    mean,
    ...(error !== undefined && { error }),
  });
  const equal: Expectation = { kind: 'equal', margin: 0.05 };

  it.each<[mean: number, error: number, expected: Expectation['kind'], verdict: string, reason: string]>([
    [-0.05, 0.04, 'below', 'reproduced', 'the whole interval is below 0'],
    [-0.05, 0.04, 'above', 'contradicted', 'the whole interval is below 0'],
    [0.05, 0.04, 'above', 'reproduced', 'the whole interval is above 0'],
    [0.05, 0.04, 'below', 'contradicted', 'the whole interval is above 0'],
    [-0.05, 0.06, 'below', 'undecided', '0 is within the interval'],
    [0.05, 0.06, 'below', 'undecided', '0 is within the interval'],
    [0, 0, 'above', 'undecided', '0 is within the interval'],
    [-0.03, 0.01, 'equal', 'reproduced', 'the whole interval is within ±0.05'],
    [0.03, 0.03, 'equal', 'undecided', 'the interval reaches over the margin of ±0.05'],
    [-0.08, 0.04, 'equal', 'undecided', 'the interval reaches over the margin of ±0.05'],
    [0.08, 0.04, 'equal', 'undecided', 'the interval reaches over the margin of ±0.05'],
    [0, 0.2, 'equal', 'undecided', 'the interval reaches over the margin of ±0.05'],
    [-0.08, 0.01, 'equal', 'contradicted', 'the whole interval is outside ±0.05'],
    [0.08, 0.01, 'equal', 'contradicted', 'the whole interval is outside ±0.05'],
  ])('of %f ± %f, expected %s: %s', (mean, error, kind, verdict, reason) => {
    const expected = kind === 'equal' ? equal : { kind };
    expect(judge(difference(mean, error), expected)).toEqual({ verdict, reason });
  });

  it('decides nothing by one seed, or none', () => {
    expect(judge(difference(-9), { kind: 'below' })).toEqual({
      verdict: 'undecided',
      reason: 'one seed: nothing is known of the spread over seeds',
    });
    expect(judge(undefined, equal)).toEqual({ verdict: 'undecided', reason: 'no seed is on both sides' });
  });

  it('rejects a margin that is not above 0', () => {
    expect(() => judge(undefined, { kind: 'equal', margin: 0 })).toThrow('the margin of an equality is 0');
  });
});

it('a conjunction is contradicted by one part, and reproduced by all', () => {
  expect(conjunction(['reproduced', 'reproduced'])).toBe('reproduced');
  expect(conjunction(['reproduced', 'undecided'])).toBe('undecided');
  expect(conjunction(['undecided', 'contradicted', 'reproduced'])).toBe('contradicted');
  expect(() => conjunction([])).toThrow('there are no verdicts');
});
