import type { Column, Table } from '@fermata/report';

import { table1 } from '../table-1';
import { table2 } from '../table-2';
import type { Row } from '../row';
import type { Scale } from '../scales';
import type { PaperResults, TrainedRow } from './results';

const paper = { group: 'the paper', reference: true } as const;

const nllColumns: readonly Column[] = [
  { key: 'train_nll', title: 'train NLL', unit: 'nats', digits: 3 },
  { key: 'eval_nll', title: 'eval NLL', unit: 'nats', digits: 3 },
];
const paperColumns: readonly Column[] = [
  { key: 'paper_train_nll', title: 'train NLL', unit: 'nats', digits: 3, ...paper },
  { key: 'paper_eval_nll', title: 'eval NLL', unit: 'nats', digits: 3, ...paper },
];
const costColumns: readonly Column[] = [
  { key: 'receptive_field', title: 'r', unit: 'timesteps' },
  { key: 'parameters', title: 'parameters' },
  { key: 'timesteps', title: 'trained on', unit: 'timesteps' },
  { key: 'seconds', title: 'time', unit: 's', digits: 0 },
];

/** Table 1 with the paper's numbers beside ours. */
export function table1Of(scale: Scale, results: PaperResults): Table {
  const perplexity = { key: 'perplexity', title: 'perplexity', digits: 1 };
  return {
    name: 'table-1',
    title: `Table 1 at scale ${scale.name}: autoencoders on audio`,
    columns: [
      { key: 'id', title: '#' },
      { key: 'model', title: 'model' },
      ...nllColumns,
      perplexity,
      { key: 'codes_in_use', title: 'codes in use', unit: 'of 256' },
      { key: 'shuffled_nll', title: 'NLL, codes shuffled', unit: 'nats', digits: 3 },
      ...paperColumns,
      { ...perplexity, key: 'paper_perplexity', ...paper },
    ],
    rows: rowsOf(table1, results),
    caption:
      'NLL in nats per timestep. Every row scores the same timesteps of the held-out pieces, each with full context. ' +
      'The perplexity is that of the codes of the whole held-out split. With its codes in random order a decoder that ' +
      'listens to them does far worse.',
  };
}

/** The rows of Table 2 that there are: models of the codes of #1.2. */
export function table2Of(scale: Scale, results: PaperResults): Table {
  return {
    name: 'table-2',
    title: `Table 2 at scale ${scale.name}: models of the codes of #1.2`,
    columns: [{ key: 'id', title: '#' }, { key: 'model', title: 'model' }, ...nllColumns, ...paperColumns],
    rows: rowsOf(table2, results),
    caption: 'NLL in nats per code; a code stands for 8 timesteps of audio.',
  };
}

/** What each row is and what it took. */
export function costTable(scale: Scale, results: PaperResults): Table {
  return {
    name: 'cost',
    title: `Sizes and budgets at scale ${scale.name}`,
    columns: [{ key: 'id', title: '#' }, { key: 'model', title: 'model' }, ...costColumns],
    rows: results.rows.map(describeRow),
    caption:
      'r is the receptive field of the autoregressive model, in timesteps of the sequence that it models.',
  };
}

/** The numbers behind Figure 2. */
export function figure2Table(scale: Scale, results: PaperResults): Table {
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

function rowsOf(table: readonly Row[], results: PaperResults): Table['rows'] {
  return results.rows.filter(({ row }) => table.includes(row)).map(describeRow);
}

function describeRow({ row, outcome }: TrainedRow): Table['rows'][number] {
  return {
    id: row.id,
    model: row.title,
    train_nll: outcome.trainNll,
    eval_nll: outcome.evalNll,
    perplexity: outcome.codes?.perplexity ?? null,
    codes_in_use: outcome.codes?.codesInUse ?? null,
    shuffled_nll: outcome.codes?.shuffledNll ?? null,
    paper_train_nll: row.paper?.trainNll ?? null,
    paper_eval_nll: row.paper?.evalNll ?? null,
    paper_perplexity: row.paper?.perplexity ?? null,
    receptive_field: outcome.receptiveField,
    parameters: outcome.parameters,
    timesteps: outcome.timesteps,
    seconds: outcome.seconds,
  };
}
