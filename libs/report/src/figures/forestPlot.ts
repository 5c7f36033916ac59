import { makeFigure, type FigureOptions, type PlotlyFigure, type Trace } from '../figure';
import { significant } from '../numbers';
import { axis, plain, referenceColour, seriesStyle } from '../theme';

/** An estimate with its interval: a line of a forest plot. */
export interface ForestLine {
  /** `#1.3 < #1.2`; no two lines share one. */
  readonly label: string;
  /** Lines of one group share colour and marker, and the legend names it. */
  readonly group: string;
  readonly value: number;
  /** Half the width of the interval, where it is known. */
  readonly error?: number | undefined;
  /** What to compare with, such as the paper's value. */
  readonly reference?: number | undefined;
}

export interface ForestPlotOptions extends FigureOptions {
  /** What the values are, with their unit: `difference of NLL (nats per timestep)`. */
  readonly quantity: string;
  /** All groups that there may be: each has the same look in every figure. */
  readonly groups: readonly string[];
  /** The name of the references. Default: `the paper`. */
  readonly reference?: string;
}

/** In pixels. */
const lineHeight = 34;

/**
 * Estimates with their intervals, one below the other, beside a line at 0 and what they are compared with.
 *
 * @throws RangeError for a label that stands twice, and for a group that is not among the groups
 */
export function forestPlot(lines: readonly ForestLine[], options: ForestPlotOptions): PlotlyFigure {
  const { title = 'Differences', subtitle, quantity, groups, reference = 'the paper' } = options;
  const labels = lines.map(({ label }) => plain(label));
  for (const [index, label] of labels.entries()) {
    if (labels.indexOf(label) !== index)
      throw new RangeError(`forestPlot: ${lines[index].label} stands twice`);
  }
  const stray = lines.find(({ group }) => !groups.includes(group));
  if (stray !== undefined) throw new RangeError(`forestPlot: ${stray.group} is not among the groups`);
  const compared = lines.filter((line) => line.reference !== undefined);
  return makeFigure({
    title,
    subtitle,
    data: [
      ...(compared.length === 0 ? [] : [referenceTrace(compared, reference)]),
      ...groups.flatMap((group, index) => {
        const members = lines.filter((line) => line.group === group);
        return members.length === 0 ? [] : [groupTrace(members, group, index)];
      }),
    ],
    layout: {
      height: 170 + lineHeight * lines.length,
      // Below the title of the axis, however tall the plot is.
      legend: { orientation: 'h', x: 0, y: -64 / (42 + lineHeight * lines.length), yanchor: 'top' },
      xaxis: axis(quantity),
      // The first line on top.
      yaxis: axis('', { categoryorder: 'array', categoryarray: [...labels].reverse(), type: 'category' }),
      shapes: [
        {
          type: 'line',
          yref: 'paper',
          x0: 0,
          x1: 0,
          y0: 0,
          y1: 1,
          line: { color: referenceColour, width: 1.5 },
        },
      ],
    },
    description: `${title}: ${lines.map(inWords).join('; ')}.`,
  });
}

function groupTrace(lines: readonly ForestLine[], group: string, index: number): Trace {
  const { colour, symbol } = seriesStyle(index);
  return {
    type: 'scatter',
    mode: 'markers',
    name: plain(group),
    x: significant(lines.map(({ value }) => value)),
    y: lines.map(({ label }) => plain(label)),
    error_x: {
      type: 'data',
      array: significant(lines.map(({ error = 0 }) => error)),
      color: colour,
      thickness: 2,
      width: 5,
    },
    marker: { color: colour, symbol, size: 10 },
    hovertemplate: '%{y}: %{x}',
  };
}

function referenceTrace(lines: readonly ForestLine[], name: string): Trace {
  return {
    type: 'scatter',
    mode: 'markers',
    name: plain(name),
    x: lines.map(({ reference }) => reference!),
    y: lines.map(({ label }) => plain(label)),
    marker: { color: referenceColour, symbol: 'line-ns-open', size: 14, line: { width: 2.5 } },
    hovertemplate: '%{y}: %{x}',
  };
}

function inWords({ label, group, value, error }: ForestLine): string {
  const [mean, half] = significant([value, error ?? 0], 3);
  return `${label} ${mean}${error === undefined ? '' : ` ± ${half}`}, ${group}`;
}
