import type { Table } from '@fermata/report';

import { summarise, type RowSummary } from '../results';
import { tableNames, tableNamed } from '../rows';
import { sequenceTitle } from '../sequences';
import type { PaperPlan } from './plan';
import type { PaperResults } from './results';
import { codesTable, costTable, paperTable } from './rowTables';

/** The part of a plan that tables show. */
type Planned = Pick<PaperPlan, 'scale' | 'seed'>;

/** Tables of the paper with the paper's numbers beside ours. */
export function paperTablesOf(plan: Planned, results: PaperResults): Table[] {
  return tableNames.flatMap((number) => {
    const { title, rows } = tableNamed(number);
    const table = paperTable({
      name: `table-${number}`,
      title: `Table ${number} at scale ${plan.scale.name}: ${title}`,
      rows: rows.filter(({ heading }) => heading === undefined),
      summaries: summariesOf(plan, results),
      scale: plan.scale,
    });
    return table.rows.length === 0 ? [] : [table];
  });
}

/** Table of how much autoencoders use codes and past, and of the distances of their reconstructions. */
export function codesTableOf(plan: Planned, results: PaperResults): Table {
  const title = `Codes and reconstructions at scale ${plan.scale.name}`;
  return codesTable({ name: 'codes', title, ...shared(plan, results) });
}

/** Table of the size and the cost of each row. */
export function costTableOf(plan: Planned, results: PaperResults): Table {
  const title = `Sizes and budgets at scale ${plan.scale.name}`;
  return costTable({ name: 'cost', title, ...shared(plan, results) });
}

function shared(plan: Planned, results: PaperResults) {
  return {
    rows: results.rows.map(({ row }) => row),
    summaries: summariesOf(plan, results),
    scale: plan.scale,
  };
}

/** Table of the numbers behind Figure 2. */
export function figure2Table({ scale }: Planned, results: PaperResults): Table {
  const fields = scale.profile.receptiveFields;
  return {
    name: 'figure-2',
    title: `Figure 2 at scale ${scale.name}: NLL of a simple predictor that sees r timesteps`,
    columns: [
      { key: 'r', title: 'r', unit: 'timesteps' },
      ...results.profiles.map(({ sequence }) => ({
        key: sequenceTitle(sequence),
        title: sequenceTitle(sequence),
        unit: 'nats',
        digits: 3,
      })),
    ],
    rows: fields.map((r) => ({
      r,
      ...Object.fromEntries(
        results.profiles.map(({ sequence, points }) => [
          sequenceTitle(sequence),
          points.find(({ receptiveField }) => receptiveField === r)?.nll,
        ]),
      ),
    })),
    caption: 'The NLL at r = 0 is that of a unigram model.',
  };
}

function summariesOf({ scale, seed }: Planned, { rows, reconstructions }: PaperResults): RowSummary[] {
  const trained = rows.map(({ row, outcome }) => {
    const excerpts = reconstructions.find((one) => one.row === row)?.outcome.excerpts;
    return { row: row.id, seed, measured: outcome, ...(excerpts && { reconstructions: excerpts }) };
  });
  return summarise(trained, scale);
}
