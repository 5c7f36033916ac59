import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(__dirname, '..', 'assets');

/** plotly.js with scatter, bar and heatmap traces, for a script element: it sets `window.Plotly`. About 1.4 MB. */
export function plotlyScript(): string {
  return readFileSync(require.resolve('plotly.js/dist/plotly-cartesian.min.js'), 'utf8').replaceAll(
    '</script',
    '<\\/script',
  );
}

/** Sets `window.fermataPlot(element, figure)`, which draws a PlotlyFigure in the colours of the text around it. */
export function plotScript(): string {
  return readFileSync(join(folder, 'plot.js'), 'utf8');
}

/** Makes the players of a page take turns and show where they are. */
export function playersScript(): string {
  return readFileSync(join(folder, 'players.js'), 'utf8');
}

/** The page's style: light or dark as the reader's system is, one column on a phone, and for paper. */
export function pageStyle(): string {
  return readFileSync(join(folder, 'page.css'), 'utf8');
}
