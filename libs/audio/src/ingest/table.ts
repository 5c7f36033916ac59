import { readFileSync } from 'node:fs';
import { extname } from 'node:path';

import { UserError, asFileError } from '@fermata/core';
import { parse } from 'csv-parse/sync';

/** A row of a table: cells by the names of their columns; no empty cells. */
export interface TableRow {
  /** Place for messages: `row 3`. */
  readonly place: string;
  readonly cells: Readonly<Record<string, string | undefined>>;
}

export interface Table {
  /** Names of the columns in lower case, with `_` for spaces. */
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
  /** Rows with more or fewer cells than the table has columns. */
  readonly uneven: readonly TableRow[];
}

/**
 * Reads a table of CSV, with commas, semicolons, tabs or bars between the cells and in any Unicode encoding or Windows-1252;
 * or a table of JSON: a list of records, or MAESTRO's object of columns.
 *
 * @param known columns that tell a table of recordings from any other; the separator is the one that shows most of them
 * @returns undefined for a table without such columns
 * @throws UserError if a table with such columns cannot be parsed
 */
export function readTable(path: string, known: readonly string[]): Table | undefined {
  const text = decodeText(contentsOf(path));
  return extname(path).toLowerCase() === '.json' ? jsonTable(path, text, known) : csvTable(path, text, known);
}

function contentsOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw asFileError(error, path);
  }
}

function decodeText(bytes: Buffer): string {
  const decode = (encoding: string, fatal = false) => new TextDecoder(encoding, { fatal }).decode(bytes);
  if (bytes.length >= 2) {
    // Half of the bytes of European text in UTF-16 are zero, whether or not it begins with a mark.
    if (bytes.readUInt16LE(0) === 0xfeff || bytes[1] === 0) return decode('utf-16le');
    if (bytes.readUInt16BE(0) === 0xfeff || bytes[0] === 0) return decode('utf-16be');
  }
  try {
    return decode('utf-8', true);
  } catch {
    return decode('windows-1252');
  }
}

const separators = [',', ';', '\t', '|'];

function csvTable(path: string, text: string, known: readonly string[]): Table | undefined {
  // Excel names the separator in a line of its own.
  const named = /^"?sep=(.)"?\r?\n/i.exec(text);
  const body = named === null ? text : text.slice(named[0].length);
  const first = named === null ? 2 : 3;
  const separator = named?.[1] ?? separatorOf(body, known);
  if (countKnown(headingsOf(body, separator), known) === 0) return undefined;
  const [headings, ...records] = recordsOf(path, body, separator);
  const columns = headings.map(columnName);
  const rows = records.map((cells, index) => ({
    place: `row ${index + first}`,
    cells: cellsOf(columns.map((column, position) => [column, cells.at(position)])),
    isUneven: cells.length < columns.length || cells.slice(columns.length).some((cell) => cell !== ''),
  }));
  return { columns, rows, uneven: rows.filter(({ isUneven }) => isUneven) };
}

function separatorOf(text: string, known: readonly string[]): string {
  const counted = separators.map((separator) => countKnown(headingsOf(text, separator), known));
  return separators[counted.indexOf(Math.max(...counted))];
}

function headingsOf(text: string, separator: string): string[] {
  try {
    const [headings = []] = parse(text, { ...options, delimiter: separator, to: 1 });
    return headings.map(columnName);
  } catch {
    return [];
  }
}

function recordsOf(path: string, text: string, separator: string): string[][] {
  try {
    return parse(text, { ...options, delimiter: separator });
  } catch (error) {
    throw unreadable(path, 'CSV', error);
  }
}

const options = {
  bom: true,
  skip_empty_lines: true,
  trim: true,
  relax_column_count: true,
  relax_quotes: true,
} as const;

function jsonTable(path: string, text: string, known: readonly string[]): Table | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw unreadable(path, 'JSON', error);
  }
  const records = recordsOfJson(json);
  const named = records.map((record) =>
    Object.entries(record).map(([name, value]): [string, string | undefined] => [
      columnName(name),
      textOf(value),
    ]),
  );
  const columns = [...new Set(named.flatMap((record) => record.map(([column]) => column)))];
  if (countKnown(columns, known) === 0) return undefined;
  const rows = named.map((record, index) => ({ place: `row ${index + 1}`, cells: cellsOf(record) }));
  return { columns, rows, uneven: [] };
}

/** The records of a list, or of an object of columns, each a list or an object by the number of the row. */
function recordsOfJson(json: unknown): Record<string, unknown>[] {
  if (Array.isArray(json)) return json.filter(isRecord);
  if (!isRecord(json)) return [];
  const columns = Object.entries(json).filter((entry): entry is [string, Record<string, unknown>] =>
    isRecord(entry[1]),
  );
  const numbers = [...new Set(columns.flatMap(([, cells]) => Object.keys(cells)))];
  return numbers.map((number) => Object.fromEntries(columns.map(([name, cells]) => [name, cells[number]])));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : undefined;
}

function columnName(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
}

function countKnown(columns: readonly string[], known: readonly string[]): number {
  return columns.filter((column) => known.includes(column)).length;
}

function cellsOf(named: readonly (readonly [string, string | undefined])[]): TableRow['cells'] {
  return Object.fromEntries(named.filter(([, text]) => text !== undefined && text !== ''));
}

function unreadable(path: string, kind: string, error: unknown): UserError {
  return new UserError(
    `${path}: the ${kind} cannot be read (${(error as Error).message}).`,
    'Correct it, or move it elsewhere.',
  );
}
