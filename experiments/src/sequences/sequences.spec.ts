import { autoencoderRow } from '../rows/autoencoderRow';
import { waveNetRow } from '../rows/waveNetRow';
import {
  audio,
  budgetOf,
  codesOf,
  describeRow,
  isRow,
  modelOf,
  rowNamed,
  rowsOfTable,
  tableNames,
  withRows,
  type Row,
  type Table,
} from '../rows';
import { minimal } from '../testing/minimal';
import { lengthsNeeded, levelsOf, scoringOf, sequenceOf, sequenceTitle } from '.';

const ids = (rows: readonly Row[]) => rows.map(({ id }) => id);
/** Comparable facts: rows are too large to print. */
function factsOf(sequence: Row['sequence']) {
  const { levels, ...facts } = sequenceOf(sequence, minimal);
  return { ...facts, levels: ids(levels) };
}

describe('a sequence', () => {
  it('of audio has no levels', () => {
    expect(factsOf(audio())).toEqual({ bits: 8, levels: [], symbols: 256, samplesPerSymbol: 1, rate: 16000 });
    expect(factsOf(audio(12))).toEqual({
      bits: 12,
      levels: [],
      symbols: 4096,
      samplesPerSymbol: 1,
      rate: 16000,
    });
  });

  it('of codes has their row as its level', () => {
    expect(factsOf(codesOf('1.2'))).toEqual({
      bits: 8,
      levels: ['1.2'],
      symbols: 256,
      samplesPerSymbol: 8,
      rate: 2000,
    });
    expect(factsOf(codesOf('1.2-12-bit'))).toMatchObject({ bits: 12, symbols: 256, samplesPerSymbol: 8 });
    expect(factsOf(codesOf('1.7'))).toMatchObject({ samplesPerSymbol: 64, rate: 250 });
  });

  it('is named in words', () => {
    expect([audio(), codesOf('1.2')].map(sequenceTitle)).toEqual(['waveform', 'codes of #1.2']);
  });

  it('cannot be codes of a row without codes', () => {
    for (const id of ['1.1', '1.2-continuous']) {
      expect(() => sequenceOf(codesOf(id), minimal)).toThrow(`row ${id} has no codes`);
    }
    expect(() => sequenceOf(codesOf('1.8'), minimal)).toThrow('Row 1.8 is unknown. Choose one of 1.1, 1.2,');
  });
});

describe('rows on codes of codes', () => {
  const level2 = autoencoderRow({
    id: '9.1',
    title: 'VQ-VAE on codes',
    sequence: codesOf('1.2'),
    hop: 4,
    input: 'one-hot',
    quantiser: ({ queryDepth: depth }) => ({ kind: 'vq', codebookSize: 300, depth, alpha: 0.9, beta: 0.25 }),
  });
  const prior = waveNetRow({ id: '9.2', title: 'WaveNet', sequence: codesOf('9.1'), input: 'one-hot' });
  const toys: Table = { number: '9', title: 'toys', rows: [level2, prior] };

  it('have alphabets that follow from the rows below', () =>
    withRows(toys, () => {
      const alphabets = ['1.2', '9.1', '9.2'].map((id) => {
        const { symbols, codebookSize } = describeRow(rowNamed(id), minimal);
        return [symbols, codebookSize];
      });
      expect(alphabets).toEqual([
        [256, 256],
        [256, 300],
        [300, null],
      ]);
      expect(modelOf(prior, minimal).config.symbols).toBe(300);
      expect(budgetOf(level2, minimal)).toBe(minimal.codesBudget);
    }));

  it('have a level for each row below, and the product of their hops', () =>
    withRows(toys, () => {
      expect(ids(levelsOf(prior))).toEqual(['1.2', '9.1', '9.2']);
      expect(factsOf(level2.sequence)).toMatchObject({ levels: ['1.2'], samplesPerSymbol: 8, rate: 2000 });
      expect(factsOf(prior.sequence)).toEqual({
        bits: 8,
        levels: ['1.2', '9.1'],
        symbols: 300,
        samplesPerSymbol: 32,
        rate: 500,
      });
    }));

  it('are scored on whole splits, with their context and in their hops', () =>
    withRows(toys, () => {
      // From a symbol through the local model to the far end of the modulator's field, in hops of 4, and then of the
      // encoder's field.
      const past = 8 - 1 - 1 + (4 - 1 + 1 * 4) + (1 + 2);
      expect(describeRow(level2, minimal).context.past).toBe(past);
      expect(scoringOf(level2, minimal)).toEqual({ skip: past, multipleOf: 4, most: Infinity });
      const further = scoringOf(prior, minimal, { dilations: [64] });
      expect(further).toMatchObject({ skip: 65, most: Infinity });
    }));

  it('need pieces as long as the samples of their symbols', () =>
    withRows(toys, () => {
      const { cropLength } = minimal.codesBudget;
      // 16 symbols are skipped, four hops, and one hop is scored.
      expect(lengthsNeeded(level2, minimal)).toEqual({
        trained: 8 * cropLength,
        scored: 8 * 20,
        within: Infinity,
      });
      expect(lengthsNeeded(prior, minimal).trained).toBe(32 * cropLength);
      expect(lengthsNeeded(prior, minimal, { 'budget.cropLength': 100 }).trained).toBe(3200);
      expect(lengthsNeeded(prior, minimal).scored % 32).toBe(0);
    }));

  it('are gone afterwards, even after an error', async () => {
    const failure = new Error('of the spec');
    const use = () => {
      expect(isRow('9.1')).toBe(true);
      throw failure;
    };
    await expect(withRows(toys, use)).rejects.toBe(failure);
    expect([isRow('9.1'), tableNames.includes('9')]).toEqual([false, false]);
  });
});

describe('a WaveNet on the codes of #1.2', () => {
  const row = waveNetRow({ id: '8.1', title: 'WaveNet', sequence: codesOf('1.2'), input: 'one-hot' });

  it('is scored on whole splits, and needs pieces of 8 samples for each symbol', () =>
    withRows({ number: '8', title: 'toy', rows: [row] }, () => {
      // The model sees 8 symbols.
      expect(scoringOf(row, minimal)).toEqual({ skip: 8, multipleOf: 1, most: Infinity });
      expect(lengthsNeeded(row, minimal)).toEqual({
        trained: 8 * minimal.codesBudget.cropLength,
        scored: 8 * (8 + 1),
        within: Infinity,
      });
    }));
});

describe('rows of audio', () => {
  it('are scored for minutes, at multiples of the largest hop, with the largest context', () => {
    const contexts = rowsOfTable('1').map((row) => describeRow(row, minimal).context.past);
    const scoring = scoringOf(rowNamed('1.1'), minimal);
    expect(scoring).toEqual({ skip: Math.max(...contexts), multipleOf: 64, most: 0.02 * 60 * 16000 });
    for (const row of rowsOfTable('1')) expect([row.id, scoringOf(row, minimal)]).toEqual([row.id, scoring]);
  });
});
