import type { Cell, Column, Table } from '@fermata/report';
import type { DataFrame } from 'danfojs-node';

/**
 * A table as a danfo.js DataFrame, to sort, filter and group it in a cell: a column for each column of the table, and one
 * named `…_error` after each that has errors. Footnote marks are left out.
 *
 * danfo.js is loaded with the first call, which takes a second or two, and leaves the tfjs backend as it is.
 */
export async function dataFrame(table: Table): Promise<DataFrame> {
  const danfo = await import('danfojs-node');
  const columns = table.columns.flatMap(({ key }) => {
    const values = table.rows.map((row) => plainValue(row[key]));
    const errors = table.rows.map((row) => errorOf(row[key]));
    return [
      { key, values },
      ...(errors.some((error) => error !== null) ? [{ key: `${key}_error`, values: errors }] : []),
    ];
  });
  const rows = table.rows.map((_, i) => columns.map(({ values }) => values[i]));
  return new danfo.DataFrame(rows, { columns: columns.map(({ key }) => key) });
}

/** The part of a DataFrame that is shown: danfo.js has several classes of that name. */
export interface Frame {
  readonly columns: readonly string[];
  readonly index: readonly (string | number)[];
  readonly values: readonly unknown[];
}

/** A DataFrame as a table: its first 50 rows, with its index as first column unless that only counts the rows. */
export function frameTable(frame: Frame, title: string): Table {
  const counts = frame.index.every((label, i) => label === i);
  const columns: Column[] = [
    ...(counts ? [] : [{ key: 'index', title: '' }]),
    ...frame.columns.map((name, i) => ({ key: `column${i}`, title: name })),
  ];
  const values = frame.values.slice(0, mostRows) as readonly (readonly Cell[])[];
  const rows = values.map((row, i) => ({
    index: frame.index[i],
    ...Object.fromEntries(row.map((value, j) => [`column${j}`, value])),
  }));
  const total = frame.values.length;
  const caption = total > mostRows ? { caption: `${total} rows, the first ${mostRows} of them shown.` } : {};
  return { name: 'frame', title, columns, rows, ...caption };
}

const mostRows = 50;

function plainValue(cell: Cell): string | number | boolean | null {
  if (cell === undefined || cell === null) return null;
  return typeof cell === 'object' ? cell.value : cell;
}

function errorOf(cell: Cell): number | null {
  return typeof cell === 'object' && cell !== null ? (cell.error ?? null) : null;
}
