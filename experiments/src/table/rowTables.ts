import type { Cell, Column, Table } from '@fermata/report';
import type { Estimate } from '@fermata/evaluation';

import type { Row } from '../row';
import type { RowSummary } from '../results/summary';

const paper = { group: 'the paper', reference: true } as const;
const nll = { unit: 'nats', digits: 3 } as const;
const perplexity = { title: 'perplexity', digits: 1 } as const;

/** What tells rows apart. */
export const columns: readonly Column[] = [
  { key: 'id', title: '#' },
  { key: 'model', title: 'model' },
  { key: 'train_nll', title: 'train NLL', ...nll },
  { key: 'eval_nll', title: 'eval NLL', ...nll },
  { key: 'perplexity', ...perplexity },
  { key: 'one_second_perplexity', title: 'perplexity, one second †', digits: 1 },
  { key: 'seeds', title: 'seeds' },
];
const paperColumns: readonly Column[] = [
  { key: 'paper_train_nll', title: 'train NLL', ...nll, ...paper },
  { key: 'paper_eval_nll', title: 'eval NLL', ...nll, ...paper },
  { key: 'paper_perplexity', ...perplexity, ...paper },
];
const codesColumns: readonly Column[] = [
  { key: 'id', title: '#' },
  { key: 'model', title: 'model' },
  { key: 'codes_in_use', title: 'codes in use', unit: 'of 256', digits: 0 },
  { key: 'shuffled_nll', title: 'NLL, codes shuffled', ...nll },
  { key: 'shuffled_past_nll', title: 'NLL, past shuffled', ...nll },
  { key: 'log_spectral_distance', title: 'log-spectral distance', unit: 'dB', digits: 2 },
  { key: 'loudness_deviation', title: 'loudness deviation', unit: 'dB', digits: 2 },
];
const costColumns: readonly Column[] = [
  { key: 'id', title: '#' },
  { key: 'title', title: 'model' },
  { key: 'parameters', title: 'parameters' },
  { key: 'receptive_field', title: 'r', unit: 'timesteps' },
  { key: 'encoder_receptive_field', title: 'r of the encoder', unit: 'timesteps' },
  { key: 'timesteps', title: 'trained on', unit: 'timesteps' },
  { key: 'seconds', title: 'time', unit: 's', digits: 0 },
];

// Marks perplexities.
const dagger = { mark: '†', text: 'over sequences of one second, as the paper counts for #1.7' };
// Marks models.
const doubleDagger = {
  mark: '‡',
  text: 'of samples of more levels: an NLL over another alphabet, not to be compared',
};

export interface TableOptions {
  readonly title: string;
  /** The rows that the table may have, in their order. */
  readonly rows: readonly Row[];
  readonly summaries: readonly RowSummary[];
}

/** Table 1 of the paper's own rows, beside the paper's numbers. */
export function paperTable({ title, rows, summaries }: TableOptions): Table {
  const own = rows.filter(({ heading }) => heading === undefined);
  return {
    name: 'table-1',
    title,
    columns: [...columns, ...paperColumns],
    rows: rowsOf(own, summaries),
    caption:
      'NLL in nats per timestep; every row scores the same timesteps of the held-out pieces, each with full context. ± is ' +
      'half the 95% interval of the mean over seeds. Perplexities are of the codes of the whole held-out split.',
    footnotes: footnotesOf(own),
  };
}

/** What the codes and the past are worth to the decoders of Table 1, and what is reconstructed from codes. */
export function codesTable({ title, rows, summaries }: TableOptions): Table {
  const hasDecoder = ({ id }: Row) =>
    summaries.some((one) => one.id === id && one.encoderReceptiveField !== null);
  return {
    name: 'table-1-codes',
    title,
    columns: codesColumns,
    rows: rowsOf(rows.filter(hasDecoder), summaries),
    caption:
      'With codes, or what it sees of the past, in random order a decoder that listens to them has a far higher NLL than in ' +
      'the table above. Distances are means over excerpts, between them and their reconstructions.',
    footnotes: footnotesOf(rows).filter((note) => note !== dagger),
  };
}

/** What a table of rows must explain. */
export function footnotesOf(rows: readonly Row[]): NonNullable<Table['footnotes']> {
  return rows.some(({ levels }) => levels !== undefined) ? [dagger, doubleDagger] : [dagger];
}

/** Some of the columns. */
export function columnsNamed(...keys: string[]): Column[] {
  return [...columns, ...paperColumns].filter(({ key }) => keys.includes(key));
}

/** What each row is and what it took. */
export function costTable({ title, rows, summaries }: TableOptions): Table {
  return {
    name: 'cost',
    title,
    columns: costColumns,
    rows: rowsOf(rows, summaries),
    caption:
      'r is the receptive field of the autoregressive model, in timesteps of the sequence that it models. Time is that of ' +
      'the quickest seed.',
  };
}

/** The rows that there are results of, with the keys of all columns. */
export function rowsOf(rows: readonly Row[], summaries: readonly RowSummary[]): Table['rows'] {
  return rows.flatMap((row) => {
    const summary = summaries.find(({ id }) => id === row.id);
    return summary === undefined ? [] : [describeRow(row, summary)];
  });
}

function describeRow(row: Row, summary: RowSummary): Table['rows'][number] {
  return {
    id: row.id,
    title: row.title,
    model: row.levels === undefined ? row.title : `${row.title} ${doubleDagger.mark}`,
    train_nll: cell(summary.trainNll),
    eval_nll: cell(summary.evalNll),
    perplexity: cell(summary.perplexity),
    one_second_perplexity: cell(summary.oneSecondPerplexity),
    codes_in_use: cell(summary.codesInUse),
    shuffled_nll: cell(summary.shuffledNll),
    shuffled_past_nll: cell(summary.shuffledPastNll),
    log_spectral_distance: cell(summary.logSpectralDistance),
    loudness_deviation: cell(summary.loudnessDeviation),
    seeds: summary.seeds.length,
    paper_train_nll: row.paper?.trainNll ?? null,
    paper_eval_nll: row.paper?.evalNll ?? null,
    paper_perplexity: paperPerplexity(row),
    parameters: summary.parameters,
    receptive_field: summary.receptiveField,
    encoder_receptive_field: summary.encoderReceptiveField,
    timesteps: summary.timesteps,
    seconds: summary.seconds,
  };
}

/** As Table 1 prints it: † where it counts by sequences of one second. */
function paperPerplexity({ paper: numbers }: Row): Cell {
  if (numbers?.oneSecondPerplexity === undefined) return numbers?.perplexity ?? null;
  return { value: numbers.oneSecondPerplexity, mark: dagger.mark };
}

function cell(estimate: Estimate | undefined): Cell {
  if (estimate === undefined) return null;
  const { mean: value, error } = estimate;
  return error === undefined ? value : { value, error };
}
