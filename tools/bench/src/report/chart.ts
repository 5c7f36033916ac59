import { seriesColours } from '@fermata/report';

/** Lines over a doubling quantity: both axes are logarithmic. */
export interface LineChart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Points `[x, y]`, all above 0, in ascending order of x. */
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly (readonly [number, number])[];
  }[];
}

const size = { width: 640, height: 400 };
const plot = { left: 84, right: 620, bottom: 340 };
// The legend, with two names per row, is between the title and the plot.
const legend = { top: 48, row: 18, column: 268 };
const ink = '#24292f';
const quiet = '#d0d7de';

/**
 * Draws a chart as a self-contained SVG file on a white ground.
 *
 * @throws RangeError if a value has no logarithm, or if there are no points
 */
export function lineChartSvg({ title, xLabel, yLabel, series }: LineChart): string {
  const points = series.flatMap((line) => line.points);
  if (points.length === 0) throw new RangeError(`chart ${title}: there are no points`);
  if (points.some((point) => point.some((value) => !(value > 0 && value < Infinity)))) {
    throw new RangeError(`chart ${title}: a logarithmic axis shows finite numbers above 0 only`);
  }
  const top = legend.top + legend.row * Math.ceil(series.length / 2) + 10;
  const xs = [...new Set(points.map(([x]) => x))].sort((a, b) => a - b);
  const yTicks = ticksAround(points.map(([, y]) => y));
  const x = scale([xs[0], xs[xs.length - 1]], [plot.left + 16, plot.right - 16]);
  const y = scale([yTicks[0], yTicks[yTicks.length - 1]], [plot.bottom, top]);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" role="img" font-family="system-ui, sans-serif" font-size="13" fill="${ink}">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${size.width}" height="${size.height}" fill="#ffffff"/>`,
    text(plot.left, 26, title, 'font-size="16" font-weight="600"'),
    ...yTicks.flatMap((tick) => [
      `<path d="M${plot.left} ${y(tick)}H${plot.right}" stroke="${quiet}"/>`,
      text(plot.left - 8, y(tick) + 4, number(tick), 'text-anchor="end"'),
    ]),
    ...xs.flatMap((tick) => [
      `<path d="M${x(tick)} ${plot.bottom}v5" stroke="${ink}"/>`,
      text(x(tick), plot.bottom + 21, number(tick), 'text-anchor="middle"'),
    ]),
    `<path d="M${plot.left} ${plot.bottom}H${plot.right}" stroke="${ink}"/>`,
    text((plot.left + plot.right) / 2, plot.bottom + 46, xLabel, 'text-anchor="middle"'),
    text(
      0,
      0,
      yLabel,
      `text-anchor="middle" transform="translate(18 ${(top + plot.bottom) / 2}) rotate(-90)"`,
    ),
    ...series.flatMap((line, index) => lineSvg(line, index, x, y)),
    '</svg>',
    '',
  ].join('\n');
}

function lineSvg(
  { name, points }: LineChart['series'][number],
  index: number,
  x: (value: number) => number,
  y: (value: number) => number,
): string[] {
  const colour = seriesColours[index % seriesColours.length];
  const path = points.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${x(px)} ${y(py)}`).join('');
  const [left, top] = [plot.left + (index % 2) * legend.column, legend.top + (index >> 1) * legend.row];
  return [
    `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2.2"/>`,
    ...points.map(([px, py]) => `<circle cx="${x(px)}" cy="${y(py)}" r="4" fill="${colour}"/>`),
    `<circle cx="${left + 5}" cy="${top - 4}" r="4" fill="${colour}"/>`,
    text(left + 16, top, name, ''),
  ];
}

function scale(
  [from, to]: readonly [number, number],
  [low, high]: readonly [number, number],
): (value: number) => number {
  const span = Math.log(to / from);
  return (value) => {
    const share = span === 0 ? 0.5 : Math.log(value / from) / span;
    return Number((low + share * (high - low)).toFixed(1));
  };
}

/** Picks a few round numbers, at least four if possible, from just below all values to just above. */
function ticksAround(values: readonly number[]): number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const ticks = [coarse, fine].map((digits) => {
    const steps: number[] = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
      steps.push(...digits.map((digit) => Number((digit * 10 ** power).toPrecision(2))));
    }
    const first = steps.filter((step) => step <= low).length - 1;
    const last = steps.findIndex((step) => step >= high);
    return steps.slice(first, Math.max(last, first + 1) + 1);
  });
  return ticks[0].length < 4 ? ticks[1] : ticks[0];
}

const coarse = [1, 2, 5];
const fine = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8];

function number(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 6 });
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x}" y="${y}"${attributes && ` ${attributes}`}>${escape(content)}</text>`;
}

function escape(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
