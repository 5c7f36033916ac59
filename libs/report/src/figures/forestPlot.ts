import { makeFigure, type FigureOptions, type PlotlyFigure, type Trace } from '../figure';
import { significant } from '../numbers';
import { axis, plain, referenceColour, seriesStyle } from '../theme';

/** One line of a forest plot: an estimate with its interval. */
export interface ForestLine {
  /** A unique label, such as `#1.3 < #1.2`. */
  readonly label: string;
  /** The group in the legend. Its lines share a colour and a marker. */
  readonly group: string;
  readonly value: number;
  /** Half the width of the interval, if known. */
  readonly error?: number | undefined;
  /** A value to compare with, such as the paper's. */
  readonly reference?: number | undefined;
}

export interface ForestPlotOptions extends FigureOptions {
  /** The quantity of the values with its unit: `difference of NLL (nats per timestep)`. */
  readonly quantity: string;
  /** All possible groups, in the order that gives each the same look in every figure. */
  readonly groups: readonly string[];
  /** The name of the references. Default: `the paper`. */
  readonly reference?: string;
}

/** The height of a line, in pixels. */
const lineHeight = 34;

/**
 * A plot of estimates with their intervals, one below the other, with a line at 0 and their references.
 *
 * @throws RangeError if a label appears twice or a line has an unknown group
 */
export function forestPlot(lines: readonly ForestLine[], options: ForestPlotOptions): PlotlyFigure {
  const { title = 'Differences', subtitle, quantity, groups, reference = 'the paper' } = options;
  const labels = lines.map(({ label }) => plain(label));
  for (const [index, label] of labels.entries()) {
    if (labels.indexOf(label) !== index)
      throw new RangeError(`forestPlot: the label ${lines[index].label} appears twice`);
  }
  const stray = lines.find(({ group }) => !groups.includes(group));
  if (stray !== undefined)
    throw new RangeError(`forestPlot: the group ${stray.group} is not among ${groups.join(', ')}`);
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
      // Below the title of the axis at any height of the plot.
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
