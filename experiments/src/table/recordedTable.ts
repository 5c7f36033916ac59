import type { Table } from '@fermata/report';

import { headings } from '../row';
import { codesTable, costTable, paperTable, resultsTable, type RowTableOptions } from './rowTables';

export interface RecordedTableOptions extends Pick<RowTableOptions, 'rows' | 'summaries'> {
  readonly scale: string;
  /** The name of the data. */
  readonly data: string;
}

/**
 * Table 1 as it was recorded: the paper's rows beside the paper's numbers, then those it does not have, then what codes are
 * worth, and the cost.
 */
export function recordedTables({ rows, summaries, scale, data }: RecordedTableOptions): Table[] {
  const under = (...wanted: (string | undefined)[]) =>
    wanted.flatMap((heading) => rows.filter((row) => row.heading === heading));
  const named = (name: string, what: string) => ({
    name,
    title: `Table 1 at scale ${scale}, on ${data}: ${what}`,
    summaries,
  });
  const all = under(undefined, ...headings);
  return [
    paperTable({ ...named('table-1', 'autoencoders on audio'), rows: under(undefined) }),
    ...headings.map((heading) =>
      resultsTable({
        ...named(`table-1-${heading.replaceAll(' ', '-')}`, heading),
        rows: under(heading),
      }),
    ),
    codesTable({ ...named('table-1-codes', 'codes and reconstructions'), rows: all }),
    costTable({ ...named('table-1-cost', 'sizes and budgets'), rows: all }),
  ].filter((table) => table.rows.length > 0);
}
