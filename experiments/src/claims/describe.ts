import { verdicts, type Verdict } from '@fermata/evaluation';
import type { Table } from '@fermata/report';

import type { AssessedClaim, AssessedComparison } from './assess';
import { comparisonLabel, paperDifference, paperValue } from './claim';

/** Which results claims were assessed by. */
export interface ClaimsOf {
  readonly scale: string;
  /** The name of the data. */
  readonly data: string;
}

/** The verdicts as a table: a line for each comparison, with its difference beside the paper's. */
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
      { key: 'comparison_verdict', title: 'of the comparison' },
      { key: 'verdict', title: 'of the claim' },
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
      'Of < and > it is the smallest difference that could have been decided; of ≈, how far from the margin a difference ' +
      'must be. A comparison is reproduced where the whole interval is on the side that the paper says (≈: within the ' +
      'margin), contradicted where it is wholly elsewhere, else undecided; a claim, where all of its comparisons are ' +
      'reproduced, or one is contradicted, and undecided where what it takes for granted (given) is not reproduced. Each ' +
      'interval is of its comparison alone, not corrected for their number.',
  };
}

/** The verdicts in words: a line for each claim. */
export function verdictsTable(assessed: readonly AssessedClaim[], { scale, data }: ClaimsOf): Table {
  return {
    name: 'verdicts',
    title: `What the paper finds, at scale ${scale}, on ${data}: ${countVerdicts(assessed)}`,
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

/** A claim in words: the sentence, the verdict with the reason, and what the comparison stands for. */
export function describeClaim({ claim, verdict, reason }: AssessedClaim): string {
  const lines = [`(${claim.id}) ${claim.sentence} (${claim.place})`, `${verdict}: ${reason}.`];
  return [...lines, ...(claim.note === undefined ? [] : [claim.note])].join('\n    ');
}

/** A claim for machines, with all that its verdict rests on. */
export interface ClaimRecord {
  readonly id: number;
  readonly verdict: Verdict;
  readonly sentence: string;
  readonly place: string;
  readonly reason: string;
  readonly note?: string;
  readonly values: readonly ComparisonRecord[];
  /** What the sentence takes for granted, where it does. */
  readonly premises?: readonly ComparisonRecord[];
}

/** A comparison for machines; what is not measured is null. */
export interface ComparisonRecord {
  readonly comparison: string;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly unit: string | null;
  readonly first: SideRecord;
  readonly second: SideRecord;
  readonly expected: 'below' | 'above' | 'equal';
  /** Of an equality. */
  readonly margin?: number;
  readonly seeds: readonly number[];
  /** first − second. */
  readonly difference: number | null;
  /** Its 95% interval. */
  readonly interval: readonly [number, number] | null;
  /** Of < and >: half the interval. An equality is decided by how far from its margin the difference is. */
  readonly smallestDecidable: number | null;
  readonly paperDifference: number | null;
}

export interface SideRecord {
  readonly row: string;
  readonly measure: string;
  readonly mean: number | null;
  readonly paper: number | null;
}

/** A claim as a record for JSON. */
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
