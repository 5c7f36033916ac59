import type { Cell, Column, Table } from '@fermata/report';
import type { Estimate } from '@fermata/evaluation';

import type { RowSummary } from '../results';
import { describeRow, type Row } from '../rows';
import type { Scale } from '../scales';
import { samplesPerSymbol } from '../sequences';

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
const codesColumns = (size: number | undefined): readonly Column[] => [
  { key: 'id', title: '#' },
  { key: 'model', title: 'model' },
  { key: 'codes_in_use', title: 'codes in use', ...(size && { unit: `of ${size}` }), digits: 0 },
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
  text: 'for samples of more bits: an NLL over another alphabet, not comparable',
};

export interface RowTableOptions {
  readonly name: string;
  readonly title: string;
  /** Rows that the table may have, in order; rows without results are left out. */
  readonly rows: readonly Row[];
  readonly summaries: readonly RowSummary[];
  readonly scale: Scale;
}

/** Table of the results of rows beyond the paper. */
export function resultsTable(options: RowTableOptions): Table {
  return rowTable(options, resultColumns);
}

/** Table of the results of the paper's own rows, beside the paper's numbers. */
export function paperTable(options: RowTableOptions): Table {
  const { rows, summaries, scale } = options;
  const shown = rows.filter(({ id }) => summaries.some((summary) => summary.id === id));
  const hasCodes = summaries.some(({ id, perplexity: own }) => own && shown.some((row) => row.id === id));
  const columns = [...resultColumns, ...paperColumns].filter(
    ({ key }) => hasCodes || !key.includes('perplexity'),
  );
  return { ...rowTable(options, columns), caption: captionOf(shown, scale) };
}

/** Caption with the unit of NLLs and the positions scored, for audio or for the codes of a row. */
function captionOf(rows: readonly Row[], scale: Scale): string {
  const interval = '± is half the 95% interval of the mean over seeds.';
  if (rows.every(({ sequence }) => sequence.kind === 'audio')) {
    return (
      'NLL in nats per timestep; every row scores the same timesteps of the held-out pieces, each with full context. ' +
      `${interval} Perplexities are of the codes of the whole held-out split.`
    );
  }
  const samples = [...new Set(rows.map(({ sequence }) => samplesPerSymbol(sequence, scale)))];
  return (
    `NLL in nats per code of the whole held-out split; a code stands for ${samples.join(' or ')} timesteps of audio. ` +
    interval
  );
}

/** Table of how much the decoders of autoencoders use codes and past, and of the distances of their reconstructions. */
export function codesTable({ rows, summaries, ...options }: RowTableOptions): Table {
  const autoencoders = summaries.filter(({ encoderReceptiveField: r }) => r !== null);
  return {
    ...rowTable({ ...options, rows, summaries: autoencoders }, codesColumns(sharedSize(rows, options.scale))),
    caption:
      "NLL with the codes, or with the decoder's past, in random order: far above the eval NLL if the decoder uses them. " +
      'Distances are between excerpts and their reconstructions, as means over excerpts.',
  };
}

/** Table of the size and the cost of each row. */
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
    ...(shows('model') && found.some(({ row }) => isOfOtherBits(row)) ? [doubleDagger] : []),
  ];
  return {
    name,
    title,
    columns,
    rows: found.map(({ row, summary }) => cellsOf(row, summary)),
    ...(footnotes.length > 0 && { footnotes }),
  };
}

function cellsOf(row: Row, summary: RowSummary): Table['rows'][number] {
  return {
    id: row.id,
    title: row.title,
    model: isOfOtherBits(row) ? `${row.title} ${doubleDagger.mark}` : row.title,
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

// Size of the codebooks of all rows with codes; undefined if sizes differ.
function sharedSize(rows: readonly Row[], scale: Scale): number | undefined {
  const sizes = new Set(
    rows.map((row) => describeRow(row, scale).codebookSize).filter((size) => size !== null),
  );
  return sizes.size === 1 ? [...sizes][0] : undefined;
}

// Rows have 8 bits by default; an NLL over another alphabet is marked.
function isOfOtherBits({ sequence }: Row): boolean {
  return sequence.kind === 'audio' && sequence.bits !== 8;
}

/** The paper's perplexity as Table 1 prints it, with † if it counts by sequences of one second. */
function paperPerplexity({ paper: numbers }: Row): Cell {
  if (numbers?.oneSecondPerplexity === undefined) return numbers?.perplexity ?? null;
  return { value: numbers.oneSecondPerplexity, mark: dagger.mark };
}

function cell(estimate: Estimate | undefined): Cell {
  if (estimate === undefined) return null;
  const { mean: value, error } = estimate;
  return error === undefined ? value : { value, error };
}
