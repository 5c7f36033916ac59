import type { RecordedRow } from '../results/recordedRow';
import { summarise } from '../results/summary';
import { rowsOfTable } from '../rows';
import { scaleNamed } from '../scales';
import { recordedRow } from '../testing/recordedRow';
import { recordedTables } from './recordedTable';

const tablesOf = (recorded: readonly RecordedRow[]) =>
  recordedTables({
    rows: rowsOfTable('1'),
    summaries: summarise(recorded, scaleNamed('small')),
    scale: 'small',
    data: 'piano',
  });

it("has every number in its column, and the paper's beside it", () => {
  const recorded = [7, 3, 5].map((seconds, index) =>
    recordedRow({
      row: '1.2',
      seed: index + 1,
      trainNll: 1,
      evalNll: 2,
      codes: { perplexity: 11, oneSecondPerplexity: 12, codesInUse: 13, shuffledNll: 14 },
      distances: [{ spectral: 15, loudness: 16 }],
      seconds,
      shuffledPastNll: 17,
    }),
  );
  const [main, codes, cost] = tablesOf(recorded);
  const certain = (value: number) => ({ value, error: 0 });
  expect(main.rows).toEqual([
    expect.objectContaining({
      id: '1.2',
      train_nll: certain(1),
      eval_nll: certain(2),
      perplexity: certain(11),
      one_second_perplexity: certain(12),
      codes_in_use: certain(13),
      shuffled_nll: certain(14),
      shuffled_past_nll: certain(17),
      log_spectral_distance: certain(15),
      loudness_deviation: certain(16),
      seeds: 3,
      paper_train_nll: 0.766,
      paper_eval_nll: 0.734,
      paper_perplexity: 227.3,
    }),
  ]);
  expect(codes.rows).toEqual(main.rows);
  expect(cost.rows).toEqual([
    expect.objectContaining({
      parameters: 5,
      receptive_field: 7,
      encoder_receptive_field: 518,
      timesteps: 100,
      seconds: 3,
    }),
  ]);
});

it('has the perplexity of #1.7 marked as the paper counts it', () => {
  const [{ rows }] = tablesOf([recordedRow({ row: '1.7', seed: 1, trainNll: 1, evalNll: 2, codes: {} })]);
  expect(rows).toMatchObject([{ id: '1.7', eval_nll: 2, paper_perplexity: { value: 84.04, mark: '†' } }]);
});

it('tells of codes where there is an autoencoder', () => {
  const recorded = ['1.1', '1.2-continuous'].map((row) =>
    recordedRow({ row, seed: 1, trainNll: 1, evalNll: 2 }),
  );
  const codes = tablesOf(recorded).find(({ name }) => name === 'table-1-codes')!;
  expect(codes.rows.map(({ id }) => id)).toEqual(['1.2-continuous']);
});

it('says which NLLs are over another alphabet', () => {
  const recorded = ['1.2', '1.2-12-bit', '1.2-one-hot-decoder', '1.2-fsq'].map((row) =>
    recordedRow({ row, seed: 1, trainNll: 1, evalNll: 2, codes: {} }),
  );
  const tables = tablesOf(recorded);
  const named = (title: string) => tables.find((table) => table.title.endsWith(title))!;
  const ablations = named('ablations');
  expect(ablations.rows.map(({ model }) => model)).toEqual([
    'VQ-VAE, one-hot input of the decoder alone',
    'VQ-VAE, 12 bits of mu-law ‡',
  ]);
  expect(ablations.footnotes!.map(({ mark }) => mark)).toEqual(['†', '‡']);
  for (const table of [named('autoencoders on audio'), named('beyond the paper')]) {
    expect(table.footnotes!.map(({ mark }) => mark)).toEqual(['†']);
  }
  // Which has no NLLs to be marked.
  const { columns, rows } = named('sizes and budgets');
  const { key } = columns.find(({ title }) => title === 'model')!;
  expect(rows.map((row) => row[key])).toContain('VQ-VAE, 12 bits of mu-law');
});
