import { asFileError, makeFolder, UserError, writeFileAtomic } from '@fermata/core';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { rowNamed } from '../rows';
import { audioSymbols } from '../table-1/base';
import { recordedFormat, type RecordedRow } from './recordedRow';
import { recordedRowSchema } from './schema';

/** Where results lie: in a folder for each scale and each name of data. */
export interface ResultsPlace {
  readonly folder: string;
  readonly scale: string;
  readonly data: string;
}

/** The results that came with Fermata. */
export const recordedResultsFolder = join(__dirname, '..', '..', 'results');

/** Writes the results of a row. @throws UserError when the folder cannot be written */
export function writeRecordedRow(place: ResultsPlace, row: Omit<RecordedRow, 'format'>): string {
  const folder = folderOf(place);
  makeFolder(folder);
  const file = join(folder, fileName(row));
  writeFileAtomic(file, readableJson({ format: recordedFormat, ...row }));
  return file;
}

// One line for what is innermost: a histogram would take hundreds.
function readableJson(value: object): string {
  const lines = JSON.stringify(value, null, 1);
  return `${lines.replace(/[[{][^[\]{}]*[\]}]/g, (inner) => inner.replace(/\n\s*/g, ' '))}\n`;
}

/**
 * All results of a place, by row and seed; none where there is no such folder.
 *
 * @throws UserError for a file that is none, or not the one of its name, and where rows were trained on different data:
 * their numbers have no mean
 */
export function readRecordedRows(place: ResultsPlace): RecordedRow[] {
  const folder = folderOf(place);
  const rows = resultFiles(folder)
    .map((name) => readRecordedRow(folder, name, place.scale))
    .sort((a, b) => a.row.localeCompare(b.row) || a.seed - b.seed);
  for (const row of rows) {
    const { data } = rows.find((other) => levelsOf(other.row) === levelsOf(row.row))!;
    requireSameData(place, [row], data.fingerprint);
  }
  return rows;
}

/**
 * Makes sure that results may be filed beside those that are there.
 *
 * @param fingerprints of the data, by levels of mu-law
 * @throws UserError where rows that are there were trained on other data
 */
export function requireSameDataAsRecorded(
  place: ResultsPlace,
  fingerprints: ReadonlyMap<number, string>,
): void {
  const rows = readRecordedRows(place);
  for (const [levels, fingerprint] of fingerprints) {
    requireSameData(
      place,
      rows.filter(({ row }) => levelsOf(row) === levels),
      fingerprint,
    );
  }
}

/** The names of data on which there are results at a scale, those with most of them first. */
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
      `${file}: holds the results of ${holds}, which belong into ${fileName(row)} of a folder of that scale.`,
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
  const parsed = recordedRowSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  const place = path.length === 0 ? '' : ` (${path.join('.')}: ${message})`;
  throw new UserError(
    `${file}: not a file of results of this version${place}.`,
    'Remove it, or record it again with `fermata table 1 --run`.',
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
    `${join(folderOf(place), fileName(other))}: was trained on other data (${other.data.fingerprint}) than what is filed beside it (${fingerprint}).`,
    'Choose another --name, or another folder with --results, or remove what is old.',
  );
}

function levelsOf(row: string): number {
  return rowNamed(row).levels ?? audioSymbols;
}

function resultFiles(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
}

function fileName(row: Pick<RecordedRow, 'row' | 'seed'>): string {
  return `${trainingName(row)}.json`;
}

/** What the files of a training are named after. */
export function trainingName({ row, seed }: Pick<RecordedRow, 'row' | 'seed'>): string {
  return `${row}.seed-${seed}`;
}

/** The folder of a place. */
export function folderOf({ folder, scale, data }: ResultsPlace): string {
  return join(folder, scale, data);
}
