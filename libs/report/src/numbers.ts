/** Numbers cut to `digits` significant digits: a figure's JSON need not carry what no eye can see. */
export function significant(values: ArrayLike<number>, digits = 5): number[] {
  return Array.from(values, (value) => Number(value.toPrecision(digits)));
}

/** `12.3k`, `1.5M`: three digits at most, with the SI prefix. */
export function compact(value: number): string {
  const size = Math.abs(value);
  const [factor, prefix] =
    size >= 1e9 ? [1e9, 'G'] : size >= 1e6 ? [1e6, 'M'] : size >= 1e3 ? [1e3, 'k'] : [1, ''];
  return `${Number((value / factor).toPrecision(3))}${prefix}`;
}
