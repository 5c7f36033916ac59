import { createHash } from 'node:crypto';

import { duration } from '@fermata/core';

import { pageStyle, playersScript, plotlyScript, plotScript } from './assets';
import { blockHtml, scrollRegion } from './blockHtml';
import { html, trusted, type Html } from './html';
import { allBlocks, slug, type Block, type Provenance, type ReportPage } from './page';

/**
 * Renders a report as one self-contained HTML file with its scripts, figures and audio. A content security policy forbids
 * every request, and every script except those of the page.
 */
export function renderReport(page: ReportPage): string {
  const hasFigures = allBlocks(page).some((block) => block.kind === 'figure');
  const scripts = [...(hasFigures ? [plotlyScript(), plotScript()] : []), playersScript()];
  let figures = 0;
  const blocks = (list: readonly Block[]) =>
    list.map((block) => blockHtml(block, () => `figure-${++figures}`));
  const sections = page.sections.map((section) => ({ ...section, id: slug(section.title) }));
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${securityPolicy(scripts)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="generator" content="Fermata" />
        <title>${page.title}</title>
        <style>
          ${trusted(pageStyle())}
        </style>
      </head>
      <body>
        <header>
          <h1>${page.title}</h1>
          <p class="lead">${page.lead}</p>
        </header>
        <nav aria-label="Sections">
          <div>
            <a href="#summary">Summary</a>
            ${sections.map(({ id, title }) => html`<a href="#${id}">${title}</a> `)}
            <a href="#provenance">Provenance</a>
          </div>
        </nav>
        <main>
          <section id="summary">
            <h2 class="unseen">Summary</h2>
            ${blocks(warningsFirst(page.summary))}
          </section>
          ${sections.map(
            ({ id, title, blocks: list }) =>
              html`<section id="${id}">
                <h2>${title}</h2>
                ${blocks(list)}
              </section>`,
          )}
          ${provenanceHtml(page.provenance)}
        </main>
        <footer class="quiet">
          Made by Fermata. This page works offline; tables and audio are also in the folders beside it.
        </footer>
        ${scripts.map(scriptElement)}
      </body>
    </html> `;
  return document.toString();
}

function warningsFirst(blocks: readonly Block[]): Block[] {
  return [
    ...blocks.filter(({ kind }) => kind === 'warning'),
    ...blocks.filter(({ kind }) => kind !== 'warning'),
  ];
}

// Not in a template, because the policy holds the hash of the exact text between the tags.
function scriptElement(script: string): Html {
  return trusted(`<script>${script}</script>`);
}

// The policy lists the hashes of the scripts, so a script smuggled in through a file name would not run even unescaped.
// plotly.js sets inline styles.
function securityPolicy(scripts: readonly string[]): string {
  const hashes = scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  return [
    "default-src 'none'",
    `script-src ${hashes.join(' ')}`,
    "style-src 'unsafe-inline'",
    'img-src data: blob:',
    'media-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function provenanceHtml(provenance: Provenance): Html {
  const {
    command,
    commit,
    modified,
    versions,
    machine,
    backend,
    data,
    runs = [],
    started,
    finished,
  } = provenance;
  const seconds = (Date.parse(finished) - Date.parse(started)) / 1000;
  const code = (text: string) => html`<code>${text}</code>`;
  const pairs: [string, Html | string][] = [
    ['Command', code(command)],
    [
      'Commit',
      commit === undefined
        ? 'not in a git checkout'
        : html`${code(commit)}${modified === true ? ', with local changes' : ''}`,
    ],
    ['Backend', backend],
    ['Machine', machine],
    ['Data', html`${data.map(({ name, fingerprint }) => html`<div>${name} ${code(fingerprint)}</div>`)}`],
    ['Started', started],
    ['Finished', html`${finished}${Number.isFinite(seconds) ? `, ${duration(seconds)} later` : ''}`],
    [
      'Versions',
      Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
  ];
  const table = html`<table>
    <thead>
      <tr>
        <th scope="col">row</th>
        <th scope="col">run</th>
        <th scope="col" class="number">seed</th>
      </tr>
    </thead>
    <tbody>
      ${runs.map(
        ({ row, run, seed }) =>
          html`<tr>
            <td>${row}</td>
            <td>${code(run)}</td>
            <td class="number">${seed}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
  return html`<section id="provenance">
    <h2>Provenance</h2>
    <dl class="pairs">
      ${pairs.map(
        ([label, value]) =>
          html`<dt>${label}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    ${
      runs.length === 0
        ? undefined
        : html`<details class="block">
            <summary>Runs</summary>
            ${scrollRegion('Runs', table)}
          </details>`
    }
  </section>`;
}
