import { UserError } from '@fermata/core';
import type { Cell, Column, Table } from '@fermata/report';
import type { DataFrame } from 'danfojs-node';

/**
 * Converts a table to a danfo.js DataFrame, to sort, filter and group it in a cell. Each column of the table becomes a
 * column, followed by a column `…_error` if it has errors. Footnote marks are left out.
 *
 * The first call loads danfo.js, which takes a second or two; the tfjs backend stays unchanged. danfo.js is installed
 * with the notebooks alone: with its default dependencies it downloads libtensorflow.
 *
 * @throws UserError if danfojs-node is not installed
 */
export async function dataFrame(table: Table): Promise<DataFrame> {
  const danfo = await loadDanfo();
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

async function loadDanfo(): Promise<typeof import('danfojs-node')> {
  try {
    return await import('danfojs-node');
  } catch (error) {
    if (!/^Cannot find (module|package) 'danfojs-node'/.test((error as Error).message)) throw error;
    throw new UserError(
      'A DataFrame needs danfojs-node, which is not installed.',
      'Run `npm install danfojs-node@1.2.0`.',
    );
  }
}

/** Displayed part of a DataFrame: danfo.js has several classes of that name. */
export interface Frame {
  readonly columns: readonly string[];
  readonly index: readonly (string | number)[];
  readonly values: readonly unknown[];
}

/**
 * Converts a DataFrame to a table: its first 50 rows, with its index as first column unless that only numbers the rows.
 */
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
  const caption = total > mostRows ? { caption: `${total} rows; the first ${mostRows} are shown.` } : {};
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
