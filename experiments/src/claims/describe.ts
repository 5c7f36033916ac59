import { verdicts, type Verdict } from '@fermata/evaluation';
import type { Table } from '@fermata/report';

import type { AssessedClaim, AssessedComparison } from './assess';
import { comparisonLabel, paperDifference, paperValue } from './claim';

/** The results that claims were assessed by. */
export interface ClaimsOf {
  readonly scale: string;
  /** The name of the data. */
  readonly data: string;
}

/** Makes a table of the verdicts: a line for each comparison, with its difference beside the paper's. */
export function claimsTable(assessed: readonly AssessedClaim[], { scale, data }: ClaimsOf): Table {
  return {
    name: 'claims',
    title: `The paper's claims at scale ${scale}, on ${data}: ${countVerdicts(assessed)}`,
    columns: [
      { key: 'claim', title: 'claim' },
      { key: 'comparison', title: 'comparison' },
      { key: 'measure', title: 'measure' },
      { key: 'difference', title: 'difference' },
      { key: 'error', title: '±' },
      { key: 'paper', title: 'the paper', reference: true },
      { key: 'seeds', title: 'seeds' },
      { key: 'comparison_verdict', title: 'verdict on the comparison' },
      { key: 'verdict', title: 'verdict on the claim' },
    ],
    rows: assessed.flatMap(({ claim, verdict, comparisons, premises }) =>
      [...comparisons, ...premises].map((assessedComparison) => {
        const { comparison, difference } = assessedComparison;
        const label = comparisonLabel(comparison);
        return {
          claim: claim.id,
          comparison: premises.includes(assessedComparison) ? `given ${label}` : label,
          measure: measureOf(assessedComparison),
          difference: difference?.mean ?? null,
          error: difference?.error ?? null,
          paper: paperDifference(comparison) ?? null,
          seeds: difference?.seeds.length ?? 0,
          comparison_verdict: assessedComparison.verdict,
          verdict,
        };
      }),
    ),
    caption:
      'Differences are left minus right, means over the seeds that both rows have. ±: half the 95% interval of that mean. ' +
      'For < and > this is the smallest difference that could have been decided; for ≈, the least distance from the margin ' +
      'that decides. A comparison is reproduced if the whole interval is on the side that the paper reports (≈: within the ' +
      'margin), contradicted if the whole interval is elsewhere, else undecided. A claim is reproduced if all of its comparisons ' +
      'are, contradicted if one is, and undecided if a premise (given) is not reproduced. Each ' +
      'interval belongs to its comparison alone and is not corrected for the number of comparisons.',
  };
}

/** Makes a table of the verdicts in words: a line for each claim. */
export function verdictsTable(assessed: readonly AssessedClaim[], { scale, data }: ClaimsOf): Table {
  return {
    name: 'verdicts',
    title: `Findings of the paper, at scale ${scale}, on ${data}: ${countVerdicts(assessed)}`,
    columns: [
      { key: 'claim', title: 'claim' },
      { key: 'sentence', title: 'the paper finds' },
      { key: 'verdict', title: 'here' },
      { key: 'reason', title: 'because' },
    ],
    rows: assessed.map(({ claim: { id, sentence, place }, verdict, reason }) => ({
      claim: id,
      sentence: `${sentence} (${place})`,
      verdict,
      reason,
    })),
  };
}

/** Describes a claim in words: the sentence, the verdict with the reason, and the note. */
export function describeClaim({ claim, verdict, reason }: AssessedClaim): string {
  const lines = [`(${claim.id}) ${claim.sentence} (${claim.place})`, `${verdict}: ${reason}.`];
  return [...lines, ...(claim.note === undefined ? [] : [claim.note])].join('\n    ');
}

/** A claim as JSON, with everything that its verdict rests on. */
export interface ClaimRecord {
  readonly id: number;
  readonly verdict: Verdict;
  readonly sentence: string;
  readonly place: string;
  readonly reason: string;
  readonly note?: string;
  readonly values: readonly ComparisonRecord[];
  /** Premises of the sentence; absent for a claim without premises. */
  readonly premises?: readonly ComparisonRecord[];
}

/** A comparison as JSON, with null for anything not measured. */
export interface ComparisonRecord {
  readonly comparison: string;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly unit: string | null;
  readonly first: SideRecord;
  readonly second: SideRecord;
  readonly expected: 'below' | 'above' | 'equal';
  /** Margin of an equality. */
  readonly margin?: number;
  readonly seeds: readonly number[];
  /** Difference first − second. */
  readonly difference: number | null;
  /** 95% interval of the difference. */
  readonly interval: readonly [number, number] | null;
  /**
   * Half the interval, for < and >. The verdict on an equality depends on the distance of the difference from the
   * margin.
   */
  readonly smallestDecidable: number | null;
  readonly paperDifference: number | null;
}

export interface SideRecord {
  readonly row: string;
  readonly measure: string;
  readonly mean: number | null;
  readonly paper: number | null;
}

/** Converts a claim to a record for JSON. */
export function claimRecord({ claim, verdict, reason, comparisons, premises }: AssessedClaim): ClaimRecord {
  const { id, sentence, place, note } = claim;
  return {
    id,
    verdict,
    sentence,
    place,
    reason,
    ...(note !== undefined && { note }),
    values: comparisons.map(comparisonRecord),
    ...(premises.length > 0 && { premises: premises.map(comparisonRecord) }),
  };
}

function comparisonRecord(assessed: AssessedComparison): ComparisonRecord {
  const { comparison, verdict, reason, difference } = assessed;
  const { expected } = comparison;
  const side = (name: 'first' | 'second'): SideRecord => {
    const { row, measure } = comparison[name];
    const mean = assessed[name]?.mean ?? null;
    return { row, measure: measure.name, mean, paper: paperValue(comparison[name]) ?? null };
  };
  const error = difference?.error;
  return {
    comparison: comparisonLabel(comparison),
    verdict,
    reason,
    unit: comparison.first.measure.unit ?? null,
    first: side('first'),
    second: side('second'),
    expected: expected.kind,
    ...(expected.kind === 'equal' && { margin: expected.margin }),
    seeds: difference?.seeds ?? [],
    difference: difference?.mean ?? null,
    interval: error === undefined ? null : [difference!.mean - error, difference!.mean + error],
    smallestDecidable: expected.kind === 'equal' ? null : (error ?? null),
    paperDifference: paperDifference(comparison) ?? null,
  };
}

function measureOf({ comparison: { first, second } }: AssessedComparison): string {
  const { title, unit, quantity } = first.measure;
  const name = first.measure === second.measure ? title : quantity;
  return unit === undefined ? name : `${name} (${unit})`;
}

function countVerdicts(assessed: readonly AssessedClaim[]): string {
  return verdicts
    .map((verdict) => `${assessed.filter((one) => one.verdict === verdict).length} ${verdict}`)
    .join(', ');
}
