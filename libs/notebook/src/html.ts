import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { html, playerHtml, plotlyScript, plotScript, scriptJson, tableHtml, trusted } from '@fermata/report';
import type { AudioClip, Html, PlotlyFigure, Table } from '@fermata/report';

/** Longest audio of one player in a notebook, in seconds. */
const longestPlayed = 60;

/** Kind of an output: its `data-output`, by which the check of an executed notebook counts outputs. */
export type OutputKind = 'figure' | 'table' | 'player' | 'progress';

/** Wraps HTML in the notebook's style. Every output includes the style, because outputs can be cleared one by one. */
export function outputHtml(kind: OutputKind, content: Html): string {
  const style = readFileSync(join(__dirname, '..', 'assets', 'notebook.css'), 'utf8');
  return html`<style>
      ${trusted(style)}
    </style>
    <div class="fermata" data-output="${kind}">${content}</div>`.toString();
}

export function tableOutput(table: Table): Html {
  return html`<h3>${table.title}</h3>
    ${tableHtml(table)}`;
}

export function playerOutput(samples: Float32Array, sampleRate: number, caption: string): Html {
  const clip: AudioClip = { name: 'clip', title: caption, samples, sampleRate };
  return playerHtml(clip, longestPlayed, 'write a WAV file to hear the rest');
}

/** plotly.js and its drawing function, for one output of a notebook: about 1.4 MB. */
export function plotlyOutput(): string {
  return `<script>${plotlyScript()}</script><script>${plotScript()}</script>`;
}

/**
 * Makes a figure: a text description, which a script replaces with the drawing as soon as plotly.js is loaded. The text
 * stays where scripts do not run, such as on GitHub or in an untrusted notebook.
 */
export function figureOutput(figure: PlotlyFigure, id: string): Html {
  const { title, subtitle, description, data, layout } = figure;
  const script = `(function draw(triesLeft) {
  const element = document.getElementById("${id}");
  if (element && window.fermataPlot) {
    element.textContent = "";
    window.fermataPlot(element, ${scriptJson({ data, layout })});
  } else if (triesLeft > 0) {
    setTimeout(draw, 100, triesLeft - 1);
  } else if (element) {
    element.textContent += " (To see it drawn, restart the kernel and run all cells: plotly.js comes with the first figure.)";
  }
})(100);`;
  return html`<h3>${title}</h3>
    ${subtitle === undefined ? undefined : html`<span class="quiet">${subtitle}</span>`}
    <div id="${id}" role="img" aria-label="${description}">${description}</div>
    ${trusted(`<script>${script}</script>`)}`;
}
