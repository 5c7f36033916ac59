import type { Cell, Table } from '@fermata/report';

/**
 * The visible contents of a table: its rows, with cells under the headings of their columns, and nothing without a
 * column.
 */
export function shown({ columns, rows }: Table): Record<string, Cell>[] {
  const heading = ({ group, title }: Table['columns'][number]) =>
    group === undefined ? title : `${group}: ${title}`;
  return rows.map((row) => Object.fromEntries(columns.map((column) => [heading(column), row[column.key]])));
}
