/** Rounds numbers to `digits` significant digits, which keeps the JSON of a figure small. */
export function significant(values: ArrayLike<number>, digits = 5): number[] {
  return Array.from(values, (value) => Number(value.toPrecision(digits)));
}
