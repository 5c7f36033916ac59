import { asFileError, makeOutputFolder, UserError, writeFileAtomic } from '@fermata/core';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { rowNamed } from '../rows';
import { sequenceBits } from '../sequences';
import { recordedFormat, recordedRow, type RecordedRow } from './recordedRow';

/** The place of results: a folder for each scale and each name of data. */
export interface ResultsPlace {
  readonly folder: string;
  readonly scale: string;
  readonly data: string;
}

/** The folder of the results that come with Fermata. */
export const recordedResultsFolder = join(__dirname, '..', '..', 'results');

/** Writes the results of a row. @throws UserError if the folder is not writable */
export function writeRecordedRow(place: ResultsPlace, row: Omit<RecordedRow, 'format'>): string {
  const folder = folderOf(place);
  makeOutputFolder(folder);
  const file = join(folder, fileName(row));
  const text = readableJson({ format: recordedFormat, ...row });
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileAtomic(file, text);
  return file;
}

// Prints innermost lists and objects on one line each: a histogram would take hundreds.
function readableJson(value: object): string {
  const lines = JSON.stringify(value, null, 1);
  return `${lines.replace(/[[{][^[\]{}]*[\]}]/g, (inner) => inner.replace(/\n\s*/g, ' '))}\n`;
}

/**
 * Reads all results of a place, by row and seed; none if the folder is missing.
 *
 * @throws UserError for a file without results or with those of another name, and for rows that were trained on
 *   different data, because their numbers have no common mean
 */
export function readRecordedRows(place: ResultsPlace): RecordedRow[] {
  const folder = folderOf(place);
  const rows = resultFiles(folder)
    .map((name) => readRecordedRow(folder, name, place.scale))
    .sort((a, b) => a.row.localeCompare(b.row) || a.seed - b.seed);
  for (const row of rows) {
    const { data } = rows.find((other) => bitsOf(other.row) === bitsOf(row.row))!;
    requireSameData(place, [row], data.fingerprint);
  }
  return rows;
}

/**
 * Checks that results may be filed in a place.
 *
 * @param fingerprints fingerprints of the audio, by bits of mu-law
 * @throws UserError if the place has results on other data
 */
export function requireSameDataAsRecorded(
  place: ResultsPlace,
  fingerprints: ReadonlyMap<number, string>,
): void {
  const rows = readRecordedRows(place);
  for (const [bits, fingerprint] of fingerprints) {
    requireSameData(
      place,
      rows.filter(({ row }) => bitsOf(row) === bits),
      fingerprint,
    );
  }
}

/** Names of the data with results at a scale, those with most results first. */
export function dataWithResults(folder: string, scale: string): string[] {
  const path = join(folder, scale);
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, files: resultFiles(join(path, name)).length }))
    .sort((a, b) => b.files - a.files || a.name.localeCompare(b.name))
    .map(({ name }) => name);
}

function readRecordedRow(folder: string, name: string, scale: string): RecordedRow {
  const file = join(folder, name);
  const row = parseRecordedRow(file);
  if (name !== fileName(row) || row.scale !== scale) {
    const holds = `#${row.row} with seed ${row.seed} at scale ${row.scale}`;
    throw new UserError(
      `${file}: holds the results of ${holds}, which belong in ${fileName(row)} in a folder of that scale.`,
      'Move it there, or remove it.',
    );
  }
  return row;
}

function parseRecordedRow(file: string): RecordedRow {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw asFileError(error, file);
  }
  const parsed = recordedRow.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  const place = path.length === 0 ? '' : ` (${path.join('.')}: ${message})`;
  throw new UserError(
    `${file}: not a results file of this version${place}.`,
    'Remove it, or record it again with `fermata table --run`.',
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function requireSameData(place: ResultsPlace, rows: readonly RecordedRow[], fingerprint: string): void {
  const other = rows.find(({ data }) => data.fingerprint !== fingerprint);
  if (other === undefined) return;
  throw new UserError(
    `${join(folderOf(place), fileName(other))}: was trained on other data (${other.data.fingerprint}) than the results beside it (${fingerprint}).`,
    'Choose another --name, or another folder with --results, or remove old results.',
  );
}

function bitsOf(row: string): number {
  return sequenceBits(rowNamed(row).sequence);
}

function resultFiles(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
}

function fileName(row: Pick<RecordedRow, 'row' | 'seed'>): string {
  return `${trainingName(row)}.json`;
}

/** Prefix of the names of a training's files. */
export function trainingName({ row, seed }: Pick<RecordedRow, 'row' | 'seed'>): string {
  return `${row}.seed-${seed}`;
}

/** The folder of a place. */
export function folderOf({ folder, scale, data }: ResultsPlace): string {
  return join(folder, scale, data);
}
