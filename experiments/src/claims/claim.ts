import type { Expectation } from '@fermata/evaluation';

import { table1 } from '../table-1';
import { table2 } from '../table-2';
import type { Quantity } from './measures';

/** A finding of the paper, as something that results can decide. */
export interface Claim {
  readonly id: number;
  /** What the paper finds. */
  readonly sentence: string;
  /** Where it does: `section 4.1, Input representation`. */
  readonly place: string;
  /** All of them must hold. */
  readonly comparisons: readonly Comparison[];
  /** What the sentence takes for granted: where one of them does not hold, results say nothing of it. */
  readonly premises?: readonly Comparison[];
  /** What stands for what here, where margins come from, and what the comparison cannot tell. */
  readonly note?: string;
}

/** What a claim expects of first − second. */
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

/** A comparison in short: `#1.3 < #1.2`, `#1.7 ≈ #1.1 (±0.05)`. */
export function comparisonLabel({ first, second, expected }: Comparison): string {
  const named = ({ row, measure }: Quantity) =>
    first.measure === second.measure ? `#${row}` : `#${row} ${measure.title}`;
  const sign = { below: '<', above: '>', equal: '≈' }[expected.kind];
  const margin = expected.kind === 'equal' ? ` (±${expected.margin})` : '';
  return `${named(first)} ${sign} ${named(second)}${margin}`;
}

/** first − second by the paper's numbers, of which it prints at most three decimals; undefined where it does not print both. */
export function paperDifference({ first, second }: Comparison): number | undefined {
  const [minuend, subtrahend] = [first, second].map(paperValue);
  if (minuend === undefined || subtrahend === undefined) return undefined;
  return Number((minuend - subtrahend).toFixed(3));
}

/** What the paper prints of a row, if it does. */
export function paperValue({ row, measure }: Quantity): number | undefined {
  const numbers = [...table1, ...table2].find(({ id }) => id === row)?.paper;
  return numbers && measure.paper?.(numbers);
}
