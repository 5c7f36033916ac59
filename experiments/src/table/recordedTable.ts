import type { Table } from '@fermata/report';

import { headings } from '../row';
import { columns, costTable, dagger, doubleDagger, paperTable, rowsOf, type TableOptions } from './rowTables';

export interface RecordedTableOptions extends Pick<TableOptions, 'rows' | 'summaries'> {
  readonly scale: string;
  /** The name of the data. */
  readonly data: string;
}

/** Table 1 as it was recorded: the paper's rows beside the paper's numbers, then those it does not have, then the cost. */
export function recordedTables({ rows, summaries, scale, data }: RecordedTableOptions): Table[] {
  const of = `at scale ${scale}, on ${data}`;
  const others = headings.map((heading): Table => {
    const under = rows.filter((row) => row.heading === heading);
    return {
      name: `table-1-${heading.replaceAll(' ', '-')}`,
      title: `Table 1 ${of}: ${heading}`,
      columns,
      rows: rowsOf(under, summaries),
      footnotes: under.some(({ levels }) => levels !== undefined) ? [dagger, doubleDagger] : [dagger],
    };
  });
  const main = paperTable({ title: `Table 1 ${of}: autoencoders on audio`, rows, summaries });
  const inOrder = [undefined, ...headings].flatMap((heading) =>
    rows.filter((row) => row.heading === heading),
  );
  const cost = costTable({ title: `Table 1 ${of}: sizes and budgets`, rows: inOrder, summaries });
  return [main, ...others, { ...cost, name: 'table-1-cost' }].filter((table) => table.rows.length > 0);
}
