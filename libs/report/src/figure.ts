import type { Json } from '@fermata/core';

import { plain, seriesColours } from './theme';

/** One series of a figure in plotly.js's format, of a type that the bundled plotly.js can draw. */
export interface Trace {
  readonly type: 'scatter' | 'bar' | 'heatmap';
  readonly [attribute: string]: Json | undefined;
}

/**
 * A figure as plain JSON, which `Plotly.newPlot(element, figure.data, figure.layout)` draws anywhere. Pages and notebooks
 * show the title and the description as text, which wraps on a phone, and colour text and grid to match the background.
 */
export interface PlotlyFigure {
  readonly title: string;
  /** The conditions that the numbers depend on, such as the scale and the data. */
  readonly subtitle?: string | undefined;
  /** One sentence that describes the figure, for screen readers and wherever plotly.js cannot run. */
  readonly description: string;
  readonly data: readonly Trace[];
  readonly layout: Readonly<Record<string, Json>>;
}

/** Options of every figure of this library. */
export interface FigureOptions {
  readonly title?: string;
  readonly subtitle?: string;
}

/** Adds the common look to a figure; its own layout takes precedence. */
export function makeFigure(figure: PlotlyFigure): PlotlyFigure {
  const { title, subtitle } = figure;
  const layout = {
    title: {
      text: plain(title),
      x: 0,
      xref: 'paper',
      xanchor: 'left',
      font: { size: 16 },
      ...(subtitle === undefined ? {} : { subtitle: { text: plain(subtitle), font: { size: 12 } } }),
    },
    font: { family: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif', size: 13 },
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    colorway: seriesColours,
    margin: { t: 72, r: 32, b: 56, l: 64 },
    height: 400,
    hovermode: 'closest',
    legend: { orientation: 'h', x: 0, y: -0.2, yanchor: 'top' },
    ...figure.layout,
  };
  return { ...figure, layout };
}
