import { estimate, type Estimate } from '../statistics/interval';

/** What one training gave. */
export interface SeedValue {
  readonly seed: number;
  readonly value: number;
}

/** What a finding says of a difference, in the unit of what is compared. */
export type Expectation =
  | { readonly kind: 'below' | 'above' }
  /** Less than `margin` to either side. */
  | { readonly kind: 'equal'; readonly margin: number };

/** What results say of a finding. */
export const verdicts = ['reproduced', 'contradicted', 'undecided'] as const;
export type Verdict = (typeof verdicts)[number];

/** Differences of the trainings with the same seed. */
export interface PairedDifference extends Estimate {
  /** Those that both sides have, in the order of the first. */
  readonly seeds: readonly number[];
  /**
   * Half the 95% interval of the mean over seeds, Student's t over the pairs; absent where there is one. It is also the
   * smallest difference that could have been decided: a smaller mean leaves 0 within the interval.
   */
  readonly error?: number;
}

export interface Judgement {
  readonly verdict: Verdict;
  /** Why, in words: `the whole interval is below 0`. */
  readonly reason: string;
}

/**
 * first − second for each seed that both have, with the mean and its 95% interval. Pairing takes out of the interval what
 * a seed does to both.
 *
 * @returns undefined where no seed is in both
 * @throws RangeError where a side has a seed twice
 */
export function pairedDifference(
  first: readonly SeedValue[],
  second: readonly SeedValue[],
): PairedDifference | undefined {
  const subtrahends = bySeed(second);
  const pairs = [...bySeed(first)].filter(([seed]) => subtrahends.has(seed));
  if (pairs.length === 0) return undefined;
  return {
    seeds: pairs.map(([seed]) => seed),
    ...estimate(pairs.map(([seed, value]) => value - subtrahends.get(seed)!)),
  };
}

/**
 * Whether a difference is what was expected, by its 95% interval: reproduced where the whole interval is on the expected
 * side of 0, contradicted where it is wholly on the other, else undecided. An equality is reproduced where the interval
 * lies inside ± margin, contradicted where it lies wholly outside; that is stricter than the usual two one-sided tests at
 * 5%, which take the 90% interval. Of one seed nothing follows.
 *
 * @throws RangeError for a margin that is not above 0
 */
export function judge(difference: PairedDifference | undefined, expected: Expectation): Judgement {
  if (expected.kind === 'equal' && !(expected.margin > 0)) {
    throw new RangeError(`judge: the margin of an equality is ${expected.margin}, but must be above 0`);
  }
  if (difference === undefined) return undecided('no seed is on both sides');
  const { mean, error } = difference;
  if (error === undefined) return undecided('one seed: nothing is known of the spread over seeds');
  return expected.kind === 'equal'
    ? judgeEquality(mean, error, expected.margin)
    : judgeDirection(mean, error, expected.kind);
}

/** A finding of several parts: contradicted where one is, reproduced where all are, else undecided. @throws RangeError for none */
export function conjunction(parts: readonly Verdict[]): Verdict {
  if (parts.length === 0) throw new RangeError('conjunction: there are no verdicts');
  if (parts.includes('contradicted')) return 'contradicted';
  return parts.every((verdict) => verdict === 'reproduced') ? 'reproduced' : 'undecided';
}

function judgeDirection(mean: number, error: number, expected: 'below' | 'above'): Judgement {
  const side = mean + error < 0 ? 'below' : mean - error > 0 ? 'above' : undefined;
  if (side === undefined) return undecided('0 is within the interval');
  return {
    verdict: side === expected ? 'reproduced' : 'contradicted',
    reason: `the whole interval is ${side} 0`,
  };
}

function judgeEquality(mean: number, error: number, margin: number): Judgement {
  const size = Math.abs(mean);
  if (size + error < margin) {
    return { verdict: 'reproduced', reason: `the whole interval is within ±${margin}` };
  }
  if (size - error > margin) {
    return { verdict: 'contradicted', reason: `the whole interval is outside ±${margin}` };
  }
  return undecided(`the interval reaches over the margin of ±${margin}`);
}

function undecided(reason: string): Judgement {
  return { verdict: 'undecided', reason };
}

function bySeed(values: readonly SeedValue[]): Map<number, number> {
  const map = new Map(values.map(({ seed, value }) => [seed, value]));
  if (map.size < values.length) throw new RangeError('pairedDifference: a seed occurs twice');
  return map;
}
