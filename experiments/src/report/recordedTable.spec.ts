import { summarise, type RecordedRow } from '../results';
import { rowsOfTable } from '../rows';
import { scaleNamed } from '../scales';
import { recordedRow } from '../testing/recordedRow';
import { shown } from '../testing/shown';
import { recordedTables } from './recordedTable';

const scale = scaleNamed('small');
const tablesOf = (recorded: readonly RecordedRow[]) =>
  recordedTables({
    rows: rowsOfTable('1'),
    summaries: summarise(recorded, scale),
    scale,
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
  const [main, codes, cost] = tablesOf(recorded).map(shown);
  const certain = (value: number) => ({ value, error: 0 });
  const of = { '#': '1.2', model: 'VQ-VAE' };
  expect(main).toEqual([
    {
      ...of,
      'train NLL': certain(1),
      'eval NLL': certain(2),
      perplexity: certain(11),
      'perplexity, one second †': certain(12),
      seeds: 3,
      'the paper: train NLL': 0.766,
      'the paper: eval NLL': 0.734,
      'the paper: perplexity': 227.3,
    },
  ]);
  expect(codes).toEqual([
    {
      ...of,
      'codes in use': certain(13),
      'NLL, codes shuffled': certain(14),
      'NLL, past shuffled': certain(17),
      'log-spectral distance': certain(15),
      'loudness deviation': certain(16),
    },
  ]);
  expect(cost).toEqual([{ ...of, parameters: 5, r: 7, 'r of the encoder': 518, 'trained on': 100, time: 3 }]);
});

it('marks the perplexity of #1.7, which the paper counts by seconds', () => {
  const [{ rows }] = tablesOf([recordedRow({ row: '1.7', seed: 1, trainNll: 1, evalNll: 2, codes: {} })]);
  expect(rows).toMatchObject([{ id: '1.7', eval_nll: 2, paper_perplexity: { value: 84.04, mark: '†' } }]);
});

it('has a table of codes if a row is an autoencoder', () => {
  const recorded = ['1.1', '1.2-continuous'].map((row) =>
    recordedRow({ row, seed: 1, trainNll: 1, evalNll: 2 }),
  );
  const codes = tablesOf(recorded).find(({ name }) => name === 'table-1-codes')!;
  expect(codes.rows.map(({ id }) => id)).toEqual(['1.2-continuous']);
});

it('marks NLLs over another alphabet', () => {
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
  expect(named('codes and reconstructions').footnotes!.map(({ mark }) => mark)).toEqual(['‡']);
  // This table has no NLLs to mark.
  const { columns, rows } = named('sizes and budgets');
  const { key } = columns.find(({ title }) => title === 'model')!;
  expect(rows.map((row) => row[key])).toContain('VQ-VAE, 12 bits of mu-law');
});

it('explains only marks that it uses', () => {
  const recorded = ['1.2', '1.4-commitment'].map((row) =>
    recordedRow({ row, seed: 1, trainNll: 1, evalNll: 2, codes: {} }),
  );
  expect(tablesOf(recorded).map(({ footnotes = [] }) => footnotes.map(({ mark }) => mark))).toEqual([
    ['†'],
    ['†'],
    [],
    [],
  ]);
});
