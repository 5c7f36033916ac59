import { sha256 } from '@fermata/core';
import type { PlotlyFigure, Table } from '@fermata/report';
import { display } from 'tslab';

import { frameTable, type Frame } from './dataFrame';
import { figureOutput, outputHtml, playerOutput, plotlyOutput, tableOutput } from './html';

/** Items that a cell can show: everything from @fermata/report, and danfo.js's DataFrames. */
export type Showable = PlotlyFigure | Table | Frame;

let figuresShown = 0;

/**
 * Shows a figure, a table or a DataFrame under the cell. The first figure of a notebook embeds plotly.js (1.4 MB), so
 * that notebooks, and pages made from them, need no network.
 *
 * @param title heading of a DataFrame, which has no title of its own
 * @throws Error outside a tslab notebook
 */
export function show(item: Showable, title = ''): void {
  if ('layout' in item) showFigure(item);
  else display.html(outputHtml('table', tableOutput('rows' in item ? item : frameTable(item, title))));
}

/**
 * Shows a player with the waveform above it. It contains at most the first minute.
 *
 * @param samples `[time]` in [−1, 1], played at their original level
 * @param sampleRate sample rate, in Hz
 * @throws Error outside a tslab notebook
 */
export function play(samples: Float32Array, sampleRate: number, caption = 'Audio'): void {
  display.html(outputHtml('player', playerOutput(samples, sampleRate, caption)));
}

function showFigure(figure: PlotlyFigure): void {
  if (figuresShown === 0) display.html(plotlyOutput());
  figuresShown++;
  // Equal runs of a notebook give equal ids, which keeps the differences between two runs small.
  const id = `fermata-${figuresShown}-${sha256(JSON.stringify(figure)).slice(0, 12)}`;
  display.html(outputHtml('figure', figureOutput(figure, id)));
}
