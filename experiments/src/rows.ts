import { UserError } from '@fermata/core';

import type { Row } from './row';
import { moreOfTable1, table1 } from './table-1';
import { table2 } from './table-2';

const tables: Readonly<Record<string, readonly Row[]>> = { 1: [...table1, ...moreOfTable1], 2: table2 };
const allRows: readonly Row[] = Object.values(tables).flat();

/** The numbers of the tables of which results are recorded. */
export const tableNames: readonly string[] = ['1'];

/** The rows of a table, the paper's own and then the others. */
export function rowsOfTable(table: string): readonly Row[] {
  return tables[table];
}

/** Whether there is a row of that id. */
export function isRow(id: string): boolean {
  return allRows.some((row) => row.id === id);
}

/** The row of that id. @throws UserError that lists the ids */
export function rowNamed(id: string): Row {
  const row = allRows.find((candidate) => candidate.id === id);
  if (row === undefined) {
    throw new UserError(
      `There is no row ${id}.`,
      `Choose one of ${allRows.map((candidate) => candidate.id).join(', ')}.`,
    );
  }
  return row;
}

/** The rows of the table that a row stands in, the paper's own and the others. */
export function tableOf(id: string): readonly Row[] {
  return Object.values(tables).find((table) => table.includes(rowNamed(id))) ?? [];
}
