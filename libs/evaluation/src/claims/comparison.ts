import { estimate, type Estimate } from '../statistics/interval';

/** Result of one training. */
export interface SeedValue {
  readonly seed: number;
  readonly value: number;
}

/** Expectation of a finding about a difference, in the unit of the compared results. */
export type Expectation =
  | { readonly kind: 'below' | 'above' }
  /** The difference lies within ± margin. */
  | { readonly kind: 'equal'; readonly margin: number };

/** Verdicts of results about a finding. */
export const verdicts = ['reproduced', 'contradicted', 'undecided'] as const;
export type Verdict = (typeof verdicts)[number];

/** Differences between trainings with the same seed. */
export interface PairedDifference extends Estimate {
  /** Seeds that both sides have, in the order of the first side. */
  readonly seeds: readonly number[];
  /**
   * Half of the 95% interval of the mean over seeds, by Student's t over the pairs; absent for a single seed. It is
   * also the smallest difference that could have been decided: a smaller mean leaves 0 within the interval.
   */
  readonly error?: number;
}

export interface Judgement {
  readonly verdict: Verdict;
  /** Reason in words: `the whole interval is below 0`. */
  readonly reason: string;
}

/**
 * Computes first − second for each seed that both sides have, with the mean and its 95% interval. Pairing removes the
 * common effect of a seed on both sides from the interval.
 *
 * @returns undefined if the sides share no seed
 * @throws RangeError if a side has a seed twice
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
 * Judges a difference by its 95% interval: reproduced if the whole interval is on the expected side of 0, contradicted
 * if it is wholly on the other side, else undecided. An equality is reproduced if the interval lies inside ± margin,
 * and contradicted if it lies wholly outside. This is stricter than the usual two one-sided tests at 5%, which take the
 * 90% interval. A single seed decides nothing.
 *
 * @throws RangeError if the margin is not above 0
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

/**
 * Combines the parts of a finding: contradicted if one part is, reproduced if all are, else undecided.
 *
 * @throws RangeError for no parts
 */
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
