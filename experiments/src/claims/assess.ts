import {
  conjunction,
  estimate,
  judge,
  pairedDifference,
  type Estimate,
  type Judgement,
  type PairedDifference,
  type SeedValue,
  type Verdict,
} from '@fermata/evaluation';

import type { RecordedRow } from '../results';
import { claims } from './claims';
import { comparisonLabel, type Claim, type Comparison } from './claim';
import type { Quantity } from './measures';

/** A claim and its verdict by results. */
export interface AssessedClaim {
  readonly claim: Claim;
  readonly verdict: Verdict;
  /** Reason for the verdict, by comparison. Comparisons with the same reason stand together. */
  readonly reason: string;
  readonly comparisons: readonly AssessedComparison[];
  /** Premises of the claim; empty for a claim without premises. */
  readonly premises: readonly AssessedComparison[];
}

export interface AssessedComparison extends Judgement {
  readonly comparison: Comparison;
  /** Mean of each side alone, over all of its seeds; absent if not measured. */
  readonly first?: Estimate;
  readonly second?: Estimate;
  /** Difference over the seeds that both sides have. */
  readonly difference?: PairedDifference;
}

/**
 * Assesses each claim by the results of one scale on the same data. One contradicted comparison contradicts a claim; a
 * claim is reproduced if all comparisons are. A claim is undecided if a row is missing (the reason names the missing
 * measurement), if two rows were measured on different data, timesteps or excerpts, or if a premise is not reproduced.
 */
export function assessClaims(recorded: readonly RecordedRow[]): AssessedClaim[] {
  return claims.map((claim) => {
    const assess = (comparison: Comparison) => assessComparison(comparison, recorded);
    const comparisons = claim.comparisons.map(assess);
    const premises = (claim.premises ?? []).map(assess);
    const missing = premises.filter(({ verdict }) => verdict !== 'reproduced');
    return {
      claim,
      ...(missing.length === 0
        ? { verdict: conjunction(comparisons.map(({ verdict }) => verdict)), reason: reasonOf(comparisons) }
        : { verdict: 'undecided', reason: `a premise is not reproduced: ${reasonOf(missing)}` }),
      comparisons,
      premises,
    };
  });
}

function reasonOf(comparisons: readonly AssessedComparison[]): string {
  const reasons = [...new Set(comparisons.map(({ reason }) => reason))];
  return reasons
    .map((reason) => {
      const sharing = comparisons.filter((one) => one.reason === reason);
      return `${sharing.map(({ comparison }) => comparisonLabel(comparison)).join(', ')}: ${reason}`;
    })
    .join('; ');
}

function assessComparison(comparison: Comparison, recorded: readonly RecordedRow[]): AssessedComparison {
  const sides = [comparison.first, comparison.second];
  const [first, second] = sides.map((side) => measuredRows(side, recorded));
  const [firstValues, secondValues] = [first, second].map((rows) => rows.map(({ value }) => value));
  const known = {
    comparison,
    ...(firstValues.length > 0 && { first: estimate(firstValues) }),
    ...(secondValues.length > 0 && { second: estimate(secondValues) }),
  };
  const undecided = (reason: string) => ({ ...known, verdict: 'undecided' as const, reason });
  const missing = sides
    .filter((_, i) => [first, second][i].length === 0)
    .map((side) => missingLabel(side, recorded));
  if (missing.length > 0) return undecided(`not measured: ${[...new Set(missing)].join(', ')}`);
  const incomparable = whyIncomparable(comparison, first, second);
  if (incomparable !== undefined) return undecided(incomparable);
  const difference = pairedDifference(first, second);
  return { ...known, ...(difference && { difference }), ...judge(difference, comparison.expected) };
}

interface MeasuredRow extends SeedValue {
  readonly row: RecordedRow;
}

function measuredRows({ row: id, measure }: Quantity, recorded: readonly RecordedRow[]): MeasuredRow[] {
  return recorded.flatMap((row) => {
    const value = row.row === id ? measure.of(row) : undefined;
    return value === undefined ? [] : [{ row, seed: row.seed, value }];
  });
}

// A difference means something only if both sides are means over the same timesteps, or excerpts, of the same
// recordings.
function whyIncomparable(
  { first: { measure } }: Comparison,
  first: readonly MeasuredRow[],
  second: readonly MeasuredRow[],
): string | undefined {
  const pairs = first.flatMap(({ row, seed }) =>
    second.filter((other) => other.seed === seed).map((other) => [row, other.row] as const),
  );
  if (pairs.some(([a, b]) => a.data.fingerprint !== b.data.fingerprint)) {
    return 'the rows were trained on different data';
  }
  if (measure.unit === 'nats' && pairs.some(([a, b]) => a.measured.positions !== b.measured.positions)) {
    return 'the rows score different numbers of timesteps';
  }
  if (measure.unit === 'dB' && pairs.some(([a, b]) => excerptsOf(a) !== excerptsOf(b))) {
    return 'the rows reconstruct different excerpts';
  }
  return undefined;
}

function excerptsOf({ reconstructions = [] }: RecordedRow): string {
  return reconstructions.map(({ piece, startSeconds }) => `${piece} ${startSeconds}`).join();
}

/** Names the missing measurement, or the row if it has no results. */
function missingLabel({ row, measure }: Quantity, recorded: readonly RecordedRow[]): string {
  return recorded.some((one) => one.row === row) ? `${measure.title} of #${row}` : `#${row}`;
}
