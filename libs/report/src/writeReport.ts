import { join } from 'node:path';

import { encodeWav } from '@fermata/audio';
import { makeFolder, writeFileAtomic } from '@fermata/core';

import { allBlocks, type ReportPage } from './page';
import { renderReport } from './reportHtml';
import { tableToCsv, tableToJson } from './tableFormats';

/** Where a report went: absolute or relative as the folder was given. */
export interface WrittenReport {
  readonly index: string;
  /** Everything written, the page last. */
  readonly files: readonly string[];
}

/**
 * Writes a report into a folder: `index.html`, and beside it `tables/NAME.csv`, `tables/NAME.json` and `audio/NAME.wav`.
 * The page comes last, so that it never speaks of what is not there yet.
 *
 * @throws UserError when the folder cannot be written
 * @throws RangeError when two tables or two clips have the same name, or one that is no file name
 */
export function writeReport(folder: string, page: ReportPage): WrittenReport {
  const blocks = allBlocks(page);
  const tables = blocks.flatMap((block) => (block.kind === 'table' ? [block.table] : []));
  const clips = blocks.flatMap((block) => (block.kind === 'audio' ? block.clips : []));
  checkNames(tables);
  checkNames(clips);
  const contents: [string, string | Uint8Array][] = [
    ...tables.map((table): [string, string] => [
      join(folder, 'tables', `${table.name}.csv`),
      tableToCsv(table),
    ]),
    ...tables.map((table): [string, string] => [
      join(folder, 'tables', `${table.name}.json`),
      tableToJson(table),
    ]),
    ...clips.map((clip): [string, Uint8Array] => [
      join(folder, 'audio', `${clip.name}.wav`),
      encodeWav(clip.samples, clip.sampleRate),
    ]),
    [join(folder, 'index.html'), renderReport(page)],
  ];
  makeFolder(folder);
  for (const [path, content] of contents) writeFileAtomic(path, content);
  return { index: join(folder, 'index.html'), files: contents.map(([path]) => path) };
}

function checkNames(named: readonly { readonly name: string }[]): void {
  const seen = new Set<string>();
  for (const { name } of named) {
    if (!/^[a-z0-9][a-z0-9._-]*$/.test(name))
      throw new RangeError(`writeReport: '${name}' is no name for a file; use slug()`);
    if (seen.has(name)) throw new RangeError(`writeReport: two tables or two clips are named '${name}'`);
    seen.add(name);
  }
}
