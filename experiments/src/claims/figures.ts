import { verdicts } from '@fermata/evaluation';
import { forestPlot, type ForestLine, type PlotlyFigure } from '@fermata/report';

import type { AssessedClaim, AssessedComparison } from './assess';
import { comparisonLabel, paperDifference } from './claim';
import type { ClaimsOf } from './describe';

/**
 * Draws the differences behind the verdicts, with their intervals, beside the paper's: a figure for each quantity. It
 * omits differences that are not measured.
 */
export function claimsFigures(assessed: readonly AssessedClaim[], { scale, data }: ClaimsOf): PlotlyFigure[] {
  const measured = assessed
    .flatMap(({ claim, comparisons }) => comparisons.map((one): Measured => ({ ...one, claim: claim.id })))
    .filter(({ difference }) => difference !== undefined);
  return [...new Set(measured.map(quantityOf))].map((quantity) =>
    forestPlot(measured.filter((one) => quantityOf(one) === quantity).map(lineOf), {
      title: `Differences behind the claims: ${quantity}`,
      subtitle: `left minus right, mean over seeds with its 95% interval, at scale ${scale}, on ${data}`,
      quantity: `difference of ${quantity}`,
      groups: verdicts,
    }),
  );
}

interface Measured extends AssessedComparison {
  readonly claim: number;
}

function lineOf({ claim, comparison, difference, verdict }: Measured): ForestLine {
  const { mean, error } = difference!;
  return {
    label: `(${claim}) ${comparisonLabel(comparison)}`,
    group: verdict,
    value: mean,
    error,
    reference: paperDifference(comparison),
  };
}

/** The quantity of a comparison, with its unit if it has one. */
function quantityOf({ comparison: { first } }: Measured): string {
  const { quantity, unit } = first.measure;
  return unit === undefined ? quantity : `${quantity} (${unit})`;
}
