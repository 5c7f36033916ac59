/** Middle value, or the mean of the two middle values. @throws RangeError for no values */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('median: there are no values');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Smallest and largest value. @throws RangeError for no values */
export function range(values: readonly number[]): [low: number, high: number] {
  if (values.length === 0) throw new RangeError('range: there are no values');
  return [Math.min(...values), Math.max(...values)];
}

/** Rounds a number to `digits` significant digits: a timing has no more. */
export function significant(value: number, digits = 5): number {
  return Number(value.toPrecision(digits));
}
