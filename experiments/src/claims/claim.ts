import type { Expectation } from '@fermata/evaluation';

import { isRow, rowNamed } from '../rows';
import type { Quantity } from './measures';

/** A finding of the paper, in a form that results can decide. */
export interface Claim {
  readonly id: number;
  /** The paper's finding. */
  readonly sentence: string;
  /** Its place in the paper: `section 4.1, Input representation`. */
  readonly place: string;
  /** Comparisons that must all hold. */
  readonly comparisons: readonly Comparison[];
  /** Premises of the sentence: if one does not hold, results decide nothing. */
  readonly premises?: readonly Comparison[];
  /** Proxies used, sources of margins, and limits of the comparison. */
  readonly note?: string;
}

/** The sign or size that a claim expects of first − second. */
export interface Comparison {
  readonly first: Quantity;
  readonly second: Quantity;
  readonly expected: Expectation;
}

/** first < second. */
export function below(first: Quantity, second: Quantity): Comparison {
  return { first, second, expected: { kind: 'below' } };
}

/** first > second. */
export function above(first: Quantity, second: Quantity): Comparison {
  return { first, second, expected: { kind: 'above' } };
}

/** first and second differ by less than `margin`, in their unit. */
export function equal(first: Quantity, second: Quantity, margin: number): Comparison {
  return { first, second, expected: { kind: 'equal', margin } };
}

/** Labels a comparison: `#1.3 < #1.2`, `#1.7 ≈ #1.1 (±0.05)`. */
export function comparisonLabel({ first, second, expected }: Comparison): string {
  const named = ({ row, measure }: Quantity) =>
    first.measure === second.measure ? `#${row}` : `#${row} ${measure.title}`;
  const sign = { below: '<', above: '>', equal: '≈' }[expected.kind];
  const margin = expected.kind === 'equal' ? ` (±${expected.margin})` : '';
  return `${named(first)} ${sign} ${named(second)}${margin}`;
}

/** Difference first − second of the paper's numbers, to its three decimals; undefined unless it prints both. */
export function paperDifference({ first, second }: Comparison): number | undefined {
  const [minuend, subtrahend] = [first, second].map(paperValue);
  if (minuend === undefined || subtrahend === undefined) return undefined;
  return Number((minuend - subtrahend).toFixed(3));
}

/** The paper's number for a row; undefined if it prints none. */
export function paperValue({ row, measure }: Quantity): number | undefined {
  const numbers = isRow(row) ? rowNamed(row).paper : undefined;
  return numbers && measure.paper?.(numbers);
}
