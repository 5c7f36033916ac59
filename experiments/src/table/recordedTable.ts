import type { Column, Measured, Table } from '@fermata/report';
import type { Estimate } from '@fermata/evaluation';

import { headings, type Row } from '../row';
import type { RowSummary } from '../results/summary';

const paper = { group: 'the paper', reference: true } as const;
const nll = { unit: 'nats', digits: 3 } as const;
const perplexity = { title: 'perplexity', digits: 1 } as const;

const columns: readonly Column[] = [
  { key: 'id', title: '#' },
  { key: 'model', title: 'model' },
  { key: 'train_nll', title: 'train NLL', ...nll },
  { key: 'eval_nll', title: 'eval NLL', ...nll },
  { key: 'perplexity', ...perplexity },
  { key: 'one_second_perplexity', title: 'perplexity, one second †', digits: 1 },
  { key: 'codes_in_use', title: 'codes in use', unit: 'of 256', digits: 0 },
  { key: 'shuffled_nll', title: 'NLL, codes shuffled', ...nll },
  { key: 'log_spectral_distance', title: 'log-spectral distance', unit: 'dB', digits: 2 },
  { key: 'loudness_deviation', title: 'loudness deviation', unit: 'dB', digits: 2 },
  { key: 'seeds', title: 'seeds' },
];
const paperColumns: readonly Column[] = [
  { key: 'paper_train_nll', title: 'train NLL', ...nll, ...paper },
  { key: 'paper_eval_nll', title: 'eval NLL', ...nll, ...paper },
  { key: 'paper_perplexity', ...perplexity, ...paper },
];
const costColumns: readonly Column[] = [
  { key: 'id', title: '#' },
  { key: 'title', title: 'model' },
  { key: 'parameters', title: 'parameters' },
  { key: 'receptive_field', title: 'r', unit: 'timesteps' },
  { key: 'timesteps', title: 'trained on', unit: 'timesteps' },
  { key: 'seconds', title: 'time, quickest seed', unit: 's', digits: 0 },
];

export interface RecordedTableOptions {
  /** The rows that the table may have, in their order. */
  readonly rows: readonly Row[];
  readonly summaries: readonly RowSummary[];
  readonly scale: string;
  /** The name of the data. */
  readonly data: string;
}

/** Table 1 as it was recorded: the paper's rows beside the paper's numbers, then those it does not have, then the cost. */
export function recordedTables({ rows, summaries, scale, data }: RecordedTableOptions): Table[] {
  const caption =
    'NLL in nats per timestep; every row scores the same timesteps, each with full context. ± is half the 95% interval ' +
    'of the mean over seeds. Perplexities are of the codes of the whole held-out split. Distances are between excerpts and ' +
    'their reconstructions.';
  const footnotes = [{ mark: '†', text: 'over sequences of one second, as the paper counts for #1.7' }];
  const found = (heading: Row['heading']) =>
    rows
      .filter((row) => row.heading === heading)
      .flatMap((row) => {
        const summary = summaries.find(({ id }) => id === row.id);
        return summary === undefined ? [] : [describeRow(row, summary)];
      });
  const footnotesOf = (heading: Row['heading']) =>
    rows.some((row) => row.heading === heading && row.levels !== undefined)
      ? [
          ...footnotes,
          { mark: '‡', text: 'of samples of more levels: an NLL over another alphabet, not to be compared' },
        ]
      : footnotes;
  const of = `at scale ${scale}, on ${data}`;
  const main: Table = {
    name: 'table-1',
    title: `Table 1 ${of}: autoencoders on audio`,
    columns: [...columns, ...paperColumns],
    rows: found(undefined),
    caption,
    footnotes,
  };
  const others = headings.map((heading): Table => ({
    name: `table-1-${heading.replaceAll(' ', '-')}`,
    title: `Table 1 ${of}: ${heading}`,
    columns,
    rows: found(heading),
    footnotes: footnotesOf(heading),
  }));
  const cost: Table = {
    name: 'table-1-cost',
    title: `Table 1 ${of}: sizes and budgets`,
    columns: costColumns,
    rows: [main, ...others].flatMap((table) => table.rows),
  };
  return [main, ...others, cost].filter((table) => table.rows.length > 0);
}

function describeRow(row: Row, summary: RowSummary): Table['rows'][number] {
  return {
    id: row.id,
    title: row.title,
    model: row.levels === undefined ? row.title : `${row.title} ‡`,
    train_nll: cell(summary.trainNll),
    eval_nll: cell(summary.evalNll),
    perplexity: cell(summary.perplexity),
    one_second_perplexity: cell(summary.oneSecondPerplexity),
    codes_in_use: cell(summary.codesInUse),
    shuffled_nll: cell(summary.shuffledNll),
    log_spectral_distance: cell(summary.logSpectralDistance),
    loudness_deviation: cell(summary.loudnessDeviation),
    seeds: summary.seeds.length,
    paper_train_nll: row.paper?.trainNll ?? null,
    paper_eval_nll: row.paper?.evalNll ?? null,
    paper_perplexity: row.paper?.perplexity ?? null,
    parameters: summary.parameters,
    receptive_field: summary.receptiveField,
    timesteps: summary.timesteps,
    seconds: summary.seconds,
  };
}

function cell(estimate: Estimate | undefined): Measured | null {
  if (estimate === undefined) return null;
  const { mean: value, error } = estimate;
  return { value, ...(error !== undefined && { error }) };
}
