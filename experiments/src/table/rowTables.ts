import type { Cell, Column, Table } from '@fermata/report';
import type { Estimate } from '@fermata/evaluation';

import type { Row } from '../row';
import type { RowSummary } from '../results/summary';

const paper = { group: 'the paper', reference: true } as const;
const nll = { unit: 'nats', digits: 3 } as const;
const perplexity = { title: 'perplexity', digits: 1 } as const;

const resultColumns: readonly Column[] = [
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

export interface RowTableOptions {
  readonly name: string;
  readonly title: string;
  /** The rows that the table may have, in their order: those that there are results of stand in it. */
  readonly rows: readonly Row[];
  readonly summaries: readonly RowSummary[];
}

/** Results of rows that the paper does not have. */
export function resultsTable(options: RowTableOptions): Table {
  return rowTable(options, resultColumns);
}

/** Results of the paper's own rows, beside the paper's numbers. */
export function paperTable(options: RowTableOptions): Table {
  return {
    ...rowTable(options, [...resultColumns, ...paperColumns]),
    caption:
      'NLL in nats per timestep; every row scores the same timesteps of the held-out pieces, each with full context. ± is ' +
      'half the 95% interval of the mean over seeds. Perplexities are of the codes of the whole held-out split.',
  };
}

/** NLLs of models of codes, beside the paper's numbers. */
export function priorsTable(options: RowTableOptions): Table {
  const isOfCodes = ({ key }: Column) => !key.includes('perplexity');
  return {
    ...rowTable(options, [...resultColumns, ...paperColumns].filter(isOfCodes)),
    caption: 'NLL in nats per code; a code stands for 8 timesteps of audio.',
  };
}

/** What codes and past are worth to the decoders of autoencoders, and how near their reconstructions come. */
export function codesTable({ rows, summaries, ...options }: RowTableOptions): Table {
  const autoencoders = summaries.filter(({ encoderReceptiveField: r }) => r !== null);
  return {
    ...rowTable({ ...options, rows, summaries: autoencoders }, codesColumns),
    caption:
      "NLL with the codes, or with the decoder's past, in random order: far above the eval NLL where the decoder uses them. " +
      'Distances are means over excerpts, between them and their reconstructions.',
  };
}

/** What each row is and what it took. */
export function costTable(options: RowTableOptions): Table {
  return {
    ...rowTable(options, costColumns),
    caption:
      'r is the receptive field of the autoregressive model, in timesteps of the sequence that it models. Time is that of ' +
      'the quickest seed.',
  };
}

function rowTable({ name, title, rows, summaries }: RowTableOptions, columns: readonly Column[]): Table {
  const found = rows.flatMap((row) => {
    const summary = summaries.find(({ id }) => id === row.id);
    return summary === undefined ? [] : [{ row, summary }];
  });
  const shows = (key: string) => columns.some((column) => column.key === key);
  const footnotes = [
    ...(shows('one_second_perplexity') ? [dagger] : []),
    ...(shows('model') && found.some(({ row }) => row.levels !== undefined) ? [doubleDagger] : []),
  ];
  return {
    name,
    title,
    columns,
    rows: found.map(({ row, summary }) => describeRow(row, summary)),
    ...(footnotes.length > 0 && { footnotes }),
  };
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
