import { encodeWav } from '@fermata/audio';
import { duration } from '@fermata/core';

import type { PlotlyFigure } from './figure';
import { envelope } from './figures/waveform';
import { html, jsonForScript, type Html } from './html';
import { slug, type AudioClip, type Block } from './page';
import { columnGroups, formatCell, isNumeric, type Column, type Table } from './table';
import { tableToCsv, tableToJson } from './tableFormats';

/** The most seconds of audio in one player of a page, which keeps pages small enough to send by mail. */
const longestPlayed = 20;

/** A block as HTML. @param figureId returns a new id for each figure */
export function blockHtml(block: Block, figureId: () => string): Html {
  switch (block.kind) {
    case 'warning':
      return html`<div class="block warning-box" role="note" aria-label="Warning: ${block.title}">
        <h3><span class="mark">Warning</span> ${block.title}</h3>
        ${paragraphs(block.text)}
        <p><strong>What to do:</strong> ${block.advice}</p>
      </div>`;
    case 'text':
      return html`${paragraphs(block.text)}`;
    case 'note':
      return html`<div class="block note ${block.tone}" role="note">${paragraphs(block.text)}</div>`;
    case 'numbers':
      return html`<dl class="tiles">
        ${block.numbers.map(
          ({ label, value, note }) =>
            html`<div class="tile">
              <dt>${label}</dt>
              <dd><span class="value">${value}</span></dd>
              ${note === undefined ? undefined : html`<dd class="quiet">${note}</dd>`}
            </div>`,
        )}
      </dl>`;
    case 'table':
      return pageTable(block.table);
    case 'figure':
      return pageFigure(block.figure, figureId());
    case 'audio':
      return html`<div class="block">
        ${block.title === undefined ? undefined : html`<h3>${block.title}</h3>`}
        <div class="players">
          ${block.clips.map((clip) => pagePlayer(clip, block.title === undefined ? 'h3' : 'h4'))}
        </div>
      </div>`;
    case 'listing':
      return html`<pre
        class="block"
        role="region"
        aria-label="Listing"
        tabindex="0"
      ><code>${block.text}</code></pre>`;
    case 'details':
      return html`<details class="block">
        <summary>${block.title}</summary>
        ${block.blocks.map((inner) => blockHtml(inner, figureId))}
      </details>`;
  }
}

function paragraphs(text: string): Html[] {
  return text.split(/\n\s*\n/).map((paragraph) => html`<p>${paragraph}</p>`);
}

/** Content that scrolls sideways when it is too wide, with the mouse or, once focused, with the arrow keys. */
export function scrollRegion(label: string, content: Html): Html {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${content}</div>`;
}

/** The table alone: heading, groups, rows, caption and footnotes. */
export function tableHtml(table: Table): Html {
  const cellClass = (column: Column) =>
    [isNumeric(table, column) ? 'number' : '', column.reference === true ? 'reference' : ''].join(' ').trim();
  const groups = columnGroups(table);
  const hasGroups = groups.some(({ group }) => group !== undefined);
  const caption = [
    ...(table.caption === undefined ? [] : [table.caption]),
    ...(table.footnotes ?? []).map(({ mark, text }) => `${mark} ${text}`),
  ];
  const rows = html`<table>
    <thead>
      ${
        hasGroups
          ? html`<tr>
              ${groups.map(({ group, columns }) => html`<th class="group" scope="colgroup" colspan="${columns.length}">${group}</th>`)}
            </tr>`
          : undefined
      }
      <tr>
        ${table.columns.map(
          (column) =>
            html`<th class="${cellClass(column)}" scope="col">
              ${column.title}${column.unit === undefined ? undefined : html`<span class="unit">${column.unit}</span>`}
            </th>`,
        )}
      </tr>
    </thead>
    <tbody>
      ${table.rows.map(
        (row) =>
          html`<tr>
            ${table.columns.map((column) => html`<td class="${cellClass(column)}">${formatCell(row[column.key], column)}</td>`)}
          </tr>`,
      )}
    </tbody>
  </table>`;
  return html`${scrollRegion(table.title, rows)} ${caption.map((line) => html`<p class="quiet">${line}</p>`)}`;
}

function pageTable(table: Table): Html {
  return html`<div class="block" id="${slug(table.name)}">
    <span class="files">
      ${download(`${table.name}.csv`, 'text/csv', tableToCsv(table), 'CSV')}
      ${download(`${table.name}.json`, 'application/json', tableToJson(table), 'JSON')}
    </span>
    <h3>${table.title}</h3>
    ${tableHtml(table)}
  </div>`;
}

function download(name: string, type: string, text: string, label: string): Html {
  const data = Buffer.from(text, 'utf8').toString('base64');
  return html`<a download="${name}" href="data:${type};charset=utf-8;base64,${data}">${label}</a>`;
}

function pageFigure(figure: PlotlyFigure, id: string): Html {
  const { title, subtitle, description, data, layout } = figure;
  return html`<figure class="block plot">
    <figcaption>
      <span class="files">
        <button
          type="button"
          hidden
          data-png="${id}"
          data-file="${slug(title)}"
          aria-label="Save as PNG: ${title}"
        >
          PNG
        </button>
      </span>
      <h3>${title}</h3>
      ${subtitle === undefined ? undefined : html`<span class="quiet">${subtitle}</span>`}
    </figcaption>
    <div
      role="img"
      aria-label="${description}"
      data-figure="${id}"
      style="min-height: ${Number(layout.height)}px"
    >
      <noscript>${description}</noscript>
    </div>
    ${jsonForScript(id, { data, layout })}
  </figure>`;
}

function pagePlayer(clip: AudioClip, heading: 'h3' | 'h4'): Html {
  return playerHtml(clip, longestPlayed, html`<a href="audio/${clip.name}.wav">the whole</a>`, heading);
}

/**
 * A player with its waveform.
 *
 * @param longest the most seconds of the clip in the player
 * @param whole where to find all of a longer clip
 * @param heading the element of the title
 */
export function playerHtml(
  clip: AudioClip,
  longest: number,
  whole: Html | string,
  heading: 'h3' | 'h4' = 'h3',
): Html {
  const { title, samples, sampleRate, description } = clip;
  const seconds = samples.length / sampleRate;
  const played = samples.subarray(0, Math.round(longest * sampleRate));
  const wav = Buffer.from(encodeWav(played, sampleRate)).toString('base64');
  const cut = seconds > longest ? html` The first ${longest} s; ${whole}.` : undefined;
  return html`<div class="player" data-player>
    ${heading === 'h3' ? html`<h3>${title}</h3>` : html`<h4>${title}</h4>`}
    <span class="quiet">${duration(seconds)}. ${description}${cut}</span>
    ${waveformSvg(played)}
    <audio controls preload="metadata" aria-label="${title}" src="data:audio/wav;base64,${wav}"></audio>
  </div>`;
}

/** A small picture of the waveform, not normalised: quiet audio looks quiet. */
function waveformSvg(samples: Float32Array): Html {
  const { low, high } = envelope(samples, 250);
  const point = (value: number, column: number) =>
    `${((1000 * (column + 0.5)) / low.length).toFixed(0)} ${(-50 * value).toFixed(1)}`;
  const upper = Array.from(high, point);
  const lower = Array.from(low, point).reverse();
  return html`<svg viewBox="0 -50 1000 100" preserveAspectRatio="none" aria-hidden="true">
    <path
      d="M${[...upper, ...lower].join('L')}Z"
      fill="currentColor"
      stroke="currentColor"
      vector-effect="non-scaling-stroke"
    />
    <rect data-head x="0" y="-50" width="4" height="100" fill="var(--warm)" />
  </svg>`;
}
