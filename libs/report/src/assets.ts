import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(__dirname, '..', 'assets');

/**
 * The text of plotly.js with scatter, bar and heatmap traces, about 1.4 MB. As a script element it sets `window.Plotly`.
 * It is one of the bundles that the plotly.js project publishes, since the package `plotly.js` brings 200 MB of sources,
 * maps and libraries for other kinds of traces.
 */
export function plotlyScript(): string {
  return readFileSync(require.resolve('plotly.js-cartesian-dist-min'), 'utf8').replaceAll(
    '</script',
    '<\\/script',
  );
}

/** The script that sets `window.fermataPlot(element, figure)`, which draws a PlotlyFigure in the colours of its page. */
export function plotScript(): string {
  return readFileSync(join(folder, 'plot.js'), 'utf8');
}

/** The script that lets one player of a page sound at a time and shows its position. */
export function playersScript(): string {
  return readFileSync(join(folder, 'players.js'), 'utf8');
}

/** The style sheet of a page: light or dark like the reader's system, with rules for phones and for print. */
export function pageStyle(): string {
  return readFileSync(join(folder, 'page.css'), 'utf8');
}
