import type { Table } from '@fermata/report';

import { headings } from '../row';
import {
  codesTable,
  columns,
  costTable,
  footnotesOf,
  paperTable,
  rowsOf,
  type TableOptions,
} from './rowTables';

export interface RecordedTableOptions extends Pick<TableOptions, 'rows' | 'summaries'> {
  readonly scale: string;
  /** The name of the data. */
  readonly data: string;
}

/**
 * Table 1 as it was recorded: the paper's rows beside the paper's numbers, then those it does not have, then
 * what codes are worth, and the cost.
 */
export function recordedTables({ rows, summaries, scale, data }: RecordedTableOptions): Table[] {
  const of = `at scale ${scale}, on ${data}`;
  const others = headings.map((heading): Table => {
    const under = rows.filter((row) => row.heading === heading);
    return {
      name: `table-1-${heading.replaceAll(' ', '-')}`,
      title: `Table 1 ${of}: ${heading}`,
      columns,
      rows: rowsOf(under, summaries),
      footnotes: footnotesOf(under),
    };
  });
  const main = paperTable({ title: `Table 1 ${of}: autoencoders on audio`, rows, summaries });
  const inOrder = [undefined, ...headings].flatMap((heading) =>
    rows.filter((row) => row.heading === heading),
  );
  const codes = codesTable({ title: `Table 1 ${of}: codes and reconstructions`, rows: inOrder, summaries });
  const cost = costTable({ title: `Table 1 ${of}: sizes and budgets`, rows: inOrder, summaries });
  return [main, ...others, codes, { ...cost, name: 'table-1-cost' }].filter((table) => table.rows.length > 0);
}
