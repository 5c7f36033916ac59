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

/** `43 s`, `12 min 5 s`, `3 h 20 min`. @param seconds at least 0 */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return joinUnits(Math.floor(whole / 60), 'min', whole % 60, 's');
  const minutes = Math.round(seconds / 60);
  return joinUnits(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
}

function joinUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
