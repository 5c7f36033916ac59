import { UserError } from '@fermata/core';
import { tableToMarkdown, type Table } from '@fermata/report';

import { machineLine, type Machine } from '../machine';
import { lineChartSvg } from './chart';
import { charts } from './charts';
import { sectionNames, type SectionName, type SectionResults } from './sections';
import { accuracyTable, dataTable, samplingTable, trainingTable } from './tables';

/** Date, commit, machine and command of a section's measurement. */
export interface Origin {
  /** ISO 8601. */
  readonly finished: string;
  /** Undefined outside a git checkout. */
  readonly commit?: string | undefined;
  readonly command: string;
  readonly machine: Machine;
}

/** Latest measurement of a section. */
export interface Measured<S extends SectionName = SectionName> {
  readonly origin: Origin;
  readonly results: SectionResults[S];
}

/** Contents of docs/performance/results.json: all measured sections. */
export type Results = { readonly [S in SectionName]?: Measured<S> };

/** Contents of the page of results: Markdown, and images by name. */
export interface Rendered {
  readonly page: string;
  readonly images: ReadonlyMap<string, string>;
}

/**
 * Puts results into a page between the marks of each section, `<!-- bench:depth -->` and `<!-- /bench:depth -->`. The
 * text outside the marks is written by hand and stays.
 *
 * @throws UserError if the page lacks a mark
 */
export function renderPage(page: string, results: Results): Rendered {
  const images = new Map<string, string>();
  let rendered = page;
  for (const section of sectionNames) {
    const measured = results[section];
    if (measured === undefined) continue;
    rendered = replaceSection(rendered, section, sectionMarkdown(section, results, images));
  }
  return { page: rendered, images };
}

function sectionMarkdown(section: SectionName, results: Results, images: Map<string, string>): string {
  const { origin } = results[section]!;
  return [contentOf(section, results, images), originMarkdown(origin)].join('\n\n');
}

function contentOf(section: SectionName, results: Results, images: Map<string, string>): string {
  switch (section) {
    case 'training':
      return markdown(trainingTable(results.training!.results));
    case 'sampling':
      return markdown(samplingTable(results.sampling!.results));
    case 'accuracy':
      return markdown(accuracyTable(results.accuracy!.results));
    case 'data':
      return markdown(dataTable(results.data!.results));
    default: {
      // Each chart takes the results of its own section, a relation that TypeScript cannot follow through the index.
      const chart = (charts[section] as (results: unknown) => ReturnType<(typeof charts)['depth']>)(
        results[section]!.results,
      );
      images.set(`${section}.svg`, lineChartSvg(chart));
      return `![${chart.title}](performance/${section}.svg)`;
    }
  }
}

function markdown(table: Table): string {
  return tableToMarkdown(table).trim();
}

function originMarkdown({ finished, commit, command, machine }: Origin): string {
  const code = commit === undefined ? '' : `, commit ${commit.slice(0, 10)}`;
  const date = finished.slice(0, 10);
  return `*\`${command}\` on ${date}${code}: ${machineLine(machine)}, load average ${machine.loadAverage}.*`;
}

function replaceSection(page: string, section: SectionName, content: string): string {
  const [open, close] = [`<!-- bench:${section} -->`, `<!-- /bench:${section} -->`];
  const [start, end] = [page.indexOf(open), page.indexOf(close)];
  if (start < 0 || end < start) {
    throw new UserError(
      `The page of results has no place for ${section}.`,
      `Put ${open} and ${close} where the section belongs.`,
    );
  }
  return `${page.slice(0, start + open.length)}\n\n${content}\n\n${page.slice(end)}`;
}
