import { summarise } from '../results/summary';
import { rowsOfTable } from '../rows';
import { recordedRow } from '../testing/recordedRow';
import { recordedTables } from './recordedTable';

it('says which NLLs are over another alphabet', () => {
  const recorded = ['1.2', '1.2-12-bit', '1.2-one-hot-decoder', '1.2-fsq'].map((row) =>
    recordedRow({ row, seed: 1, trainNll: 1, evalNll: 2, codes: {} }),
  );
  const tables = recordedTables({
    rows: rowsOfTable('1'),
    summaries: summarise(recorded),
    scale: 'small',
    data: 'piano',
  });
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
});
