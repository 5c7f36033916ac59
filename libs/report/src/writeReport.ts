import { join } from 'node:path';

import { encodeWav } from '@fermata/audio';
import { claimOutputFolder, makeOutputFolder, readHead, writeFileAtomic } from '@fermata/core';

import { allBlocks, type ReportPage } from './page';
import { renderReport } from './reportHtml';
import { tableToCsv, tableToJson } from './tableFormats';

/** The paths of a written report, absolute if the path of the folder was. */
export interface WrittenReport {
  readonly index: string;
  /** All written files, the page last. */
  readonly files: readonly string[];
}

// The generator stands in the first lines of a page.
const headBytes = 4096;

/**
 * Checks before long work that a report may go into a folder, and marks the folder, so that its audio is never taken for
 * recordings.
 *
 * @param choice the way to choose another folder
 * @throws UserError if the folder is not writable, or holds anything but a report
 */
export function claimReportFolder(folder: string, choice: string): void {
  claimOutputFolder(folder, choice, (path) =>
    readHead(join(path, 'index.html'), headBytes).includes('<meta name="generator" content="Fermata" />'),
  );
}

/**
 * Writes a report into a folder: `tables/NAME.csv`, `tables/NAME.json`, `audio/NAME.wav`, and last `index.html`, so that
 * the page never refers to a missing file.
 *
 * @throws UserError if the folder cannot be written
 * @throws RangeError if two tables or two clips share a name, or if a name is not a valid file name
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
  makeOutputFolder(folder);
  for (const [path, content] of contents) writeFileAtomic(path, content);
  return { index: join(folder, 'index.html'), files: contents.map(([path]) => path) };
}

function checkNames(named: readonly { readonly name: string }[]): void {
  const seen = new Set<string>();
  for (const { name } of named) {
    if (!/^[a-z0-9][a-z0-9._-]*$/.test(name))
      throw new RangeError(`writeReport: '${name}' is not a valid file name; use slug()`);
    if (seen.has(name)) throw new RangeError(`writeReport: two tables or two clips are named '${name}'`);
    seen.add(name);
  }
}
