import type { Table } from '@fermata/report';

import { summarise, type RowSummary } from '../results/summary';
import { table1 } from '../table-1';
import { table2 } from '../table-2';
import { codesTable, costTable, paperTable, priorsTable } from '../table/rowTables';
import type { PaperPlan } from './plan';
import type { PaperResults } from './results';

/** Of a plan, what its tables tell. */
type Planned = Pick<PaperPlan, 'scale' | 'seed'>;

/** Table 1 with the paper's numbers beside ours. */
export function table1Of(plan: Planned, results: PaperResults): Table {
  const title = `Table 1 at scale ${plan.scale.name}: autoencoders on audio`;
  return paperTable({ name: 'table-1', title, rows: table1, summaries: summariesOf(plan, results) });
}

/** What the autoencoders of Table 1 do with codes. */
export function codesTableOf(plan: Planned, results: PaperResults): Table {
  const title = `Table 1 at scale ${plan.scale.name}: codes and reconstructions`;
  return codesTable({ name: 'table-1-codes', title, rows: table1, summaries: summariesOf(plan, results) });
}

/** The rows of Table 2 that there are: models of the codes of #1.2. */
export function table2Of(plan: Planned, results: PaperResults): Table {
  const title = `Table 2 at scale ${plan.scale.name}: models of the codes of #1.2`;
  return priorsTable({ name: 'table-2', title, rows: table2, summaries: summariesOf(plan, results) });
}

/** What each row is and what it took. */
export function costTableOf(plan: Planned, results: PaperResults): Table {
  const title = `Sizes and budgets at scale ${plan.scale.name}`;
  const rows = results.rows.map(({ row }) => row);
  return costTable({ name: 'cost', title, rows, summaries: summariesOf(plan, results) });
}

/** The numbers behind Figure 2. */
export function figure2Table({ scale }: Planned, results: PaperResults): Table {
  const fields = scale.profile.receptiveFields;
  return {
    name: 'figure-2',
    title: `Figure 2 at scale ${scale.name}: NLL of a simple predictor that sees r timesteps`,
    columns: [
      { key: 'r', title: 'r', unit: 'timesteps' },
      ...results.profiles.map(({ sequence }) => ({
        key: sequence,
        title: sequence,
        unit: 'nats',
        digits: 3,
      })),
    ],
    rows: fields.map((r) => ({
      r,
      ...Object.fromEntries(
        results.profiles.map(({ sequence, points }) => [
          sequence,
          points.find(({ receptiveField }) => receptiveField === r)?.nll,
        ]),
      ),
    })),
    caption: 'At r = 0 stands the NLL of a unigram model.',
  };
}

function summariesOf({ scale, seed }: Planned, { rows, reconstructions }: PaperResults): RowSummary[] {
  const trained = rows.map(({ row, outcome }) => {
    const excerpts = reconstructions.find((one) => one.row === row)?.outcome.excerpts;
    return { row: row.id, seed, measured: outcome, ...(excerpts && { reconstructions: excerpts }) };
  });
  return summarise(trained, scale);
}
