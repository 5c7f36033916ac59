/** Numbers cut to `digits` significant digits: a figure's JSON need not carry what no eye can see. */
export function significant(values: ArrayLike<number>, digits = 5): number[] {
  return Array.from(values, (value) => Number(value.toPrecision(digits)));
}
