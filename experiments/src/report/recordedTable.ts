import type { Table } from '@fermata/report';

import { headings, tableNames, tableNamed } from '../rows';
import { codesTable, costTable, paperTable, resultsTable, type RowTableOptions } from './rowTables';

export interface RecordedTableOptions extends Pick<RowTableOptions, 'rows' | 'summaries' | 'scale'> {
  /** The name of the data. */
  readonly data: string;
}

/**
 * Tables of rows with recorded results. For each table of the paper: its own rows beside the paper's numbers, then
 * other rows, then the use of codes, and the cost.
 */
export function recordedTables({ rows, summaries, scale, data }: RecordedTableOptions): Table[] {
  return tableNames.flatMap((number) => {
    const { title, rows: ofTable } = tableNamed(number);
    const chosen = rows.filter((row) => ofTable.includes(row));
    const under = (...wanted: (string | undefined)[]) =>
      wanted.flatMap((heading) => chosen.filter((row) => row.heading === heading));
    const named = (name: string, what: string) => ({
      name,
      title: `Table ${number} at scale ${scale.name}, on ${data}: ${what}`,
      summaries,
      scale,
    });
    const all = under(undefined, ...headings);
    return [
      paperTable({ ...named(`table-${number}`, title), rows: under(undefined) }),
      ...headings.map((heading) =>
        resultsTable({
          ...named(`table-${number}-${heading.replaceAll(' ', '-')}`, heading),
          rows: under(heading),
        }),
      ),
      codesTable({ ...named(`table-${number}-codes`, 'codes and reconstructions'), rows: all }),
      costTable({ ...named(`table-${number}-cost`, 'sizes and budgets'), rows: all }),
    ].filter((table) => table.rows.length > 0);
  });
}
