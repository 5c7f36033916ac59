import { UserError } from '@fermata/core';

import { codesOf, type Row, type Table } from './row';
import { table1 } from './table-1';
import { table2 } from './table-2';
import { waveNetRow } from './waveNetRow';

const tables: Table[] = [table1, table2];

/** Numbers of the tables. */
export const tableNames: readonly string[] = tables.map(({ number }) => number);

/** Finds a table by its number. @throws RangeError for an unknown number */
export function tableNamed(number: string): Table {
  const table = tables.find((candidate) => candidate.number === number);
  if (table === undefined) throw new RangeError(`table ${number} is unknown`);
  return table;
}

/** The rows of a table, the paper's own and then the others. */
export function rowsOfTable(number: string): readonly Row[] {
  return tableNamed(number).rows;
}

/** The paper's own rows, table by table. */
export function paperRows(): readonly Row[] {
  return allRows().filter(({ heading }) => heading === undefined);
}

/** True for the id of a row. */
export function isRow(id: string): boolean {
  return findRow(id) !== undefined;
}

/**
 * Finds a row by its id: a row of a table, or the prior on the codes of a row, such as `1.3-prior`.
 *
 * @throws UserError that lists the ids
 */
export function rowNamed(id: string): Row {
  const row = findRow(id);
  if (row === undefined) {
    const ids = allRows().map((candidate) => candidate.id);
    throw new UserError(`Row ${id} is unknown.`, `Choose one of ${ids.join(', ')}.`);
  }
  return row;
}

/** The table of a row; a prior beyond the tables gets its own. */
export function tableOf(id: string): Table {
  const row = rowNamed(id);
  const found = tables.find(({ rows }) => rows.includes(row));
  return found ?? { number: row.id, title: row.title, rows: [row] };
}

/** Adds a table while a function runs, for specs with rows of their own. */
export async function withRows<T>(table: Table, use: () => T | Promise<T>): Promise<T> {
  tables.push(table);
  try {
    return await use();
  } finally {
    tables.splice(tables.indexOf(table), 1);
  }
}

const priorEnding = '-prior';

function findRow(id: string): Row | undefined {
  const found = allRows().find((row) => row.id === id);
  if (found !== undefined || !id.endsWith(priorEnding)) return found;
  const below = findRow(id.slice(0, -priorEnding.length));
  return below && priorOn(below);
}

/** The large WaveNet on the codes of a row, which makes the row generate (section 4.4). */
function priorOn({ id, title }: Row): Row {
  return waveNetRow({
    id: `${id}${priorEnding}`,
    title: `WaveNet on the codes of #${id} ${title}`,
    heading: 'beyond the paper',
    sequence: codesOf(id),
    // Codes have no order (section 4.2): they enter as one-hot vectors.
    input: 'one-hot',
  });
}

function allRows(): readonly Row[] {
  return tables.flatMap(({ rows }) => rows);
}
