import type { Json } from '@fermata/core';

import { plain, seriesColours } from './theme';

/** One series of a figure, as plotly.js takes it. Only the kinds that the bundled plotly.js can draw. */
export interface Trace {
  readonly type: 'scatter' | 'bar' | 'heatmap';
  readonly [attribute: string]: Json | undefined;
}

/**
 * A figure as plain JSON: `Plotly.newPlot(element, figure.data, figure.layout)` draws it, anywhere. The page or notebook
 * that shows it sets title and description as text, which wraps on a phone, and colours text and grid for its ground.
 */
export interface PlotlyFigure {
  readonly title: string;
  /** The scale, the data: whatever the numbers depend on. */
  readonly subtitle?: string | undefined;
  /** What the figure shows, in one sentence: for screen readers and wherever plotly.js cannot run. */
  readonly description: string;
  readonly data: readonly Trace[];
  readonly layout: Readonly<Record<string, Json>>;
}

/** What every figure of this library may be told. */
export interface FigureOptions {
  readonly title?: string;
  readonly subtitle?: string;
}

/** A figure with the common look under its own layout. */
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
