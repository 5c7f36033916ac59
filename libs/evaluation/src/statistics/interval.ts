// eslint-disable-next-line @typescript-eslint/no-require-imports -- jstat comes without types
const { jStat } = require('jstat') as {
  jStat: { studentt: { inv(probability: number, degreesOfFreedom: number): number } };
};

/** Mean over seeds. */
export interface Estimate {
  readonly mean: number;
  /** Half of the 95% interval of the mean; absent for a single value. */
  readonly error?: number;
}

/**
 * Mean of values drawn independently from one normal distribution, with half of its 95% interval: t · s / √n, with
 * Student's t of n − 1 degrees of freedom and the sample's standard deviation s.
 *
 * @throws RangeError if there are no values
 */
export function estimate(values: readonly number[]): Estimate {
  const count = values.length;
  if (count === 0) throw new RangeError('estimate: there are no values');
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1) return { mean };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: jStat.studentt.inv(0.975, count - 1) * Math.sqrt(squares / (count - 1) / count) };
}
