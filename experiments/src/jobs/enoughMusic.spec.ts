import { DatasetWriter, timed, type Split, type TimedDataset } from '@fermata/data';
import { randomKey } from '@fermata/core';
import { evaluateNll } from '@fermata/evaluation';
import { selectBackend } from '@fermata/tensor';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createModel } from '../models';
import { codesOf, modelOf, rowNamed, rowsOfTable, withRows, type Table } from '../rows';
import { waveNetRow } from '../rows/waveNetRow';
import { lengthsNeeded as lengthsOf, scoringOf } from '../sequences';
import { minimal } from '../testing/minimal';
import { requireEnoughMusic, requireEnoughMusicFor } from './enoughMusic';

const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
beforeAll(() => selectBackend('cpu'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const onCodes = waveNetRow({ id: '9.1', title: 'WaveNet', sequence: codesOf('1.2'), input: 'one-hot' });
const toys: Table = { number: '9', title: 'toys', rows: [onCodes] };
const rows = [...rowsOfTable('1'), onCodes];

/** Lengths that all rows of table 1 need, and one row on codes. */
function lengthsNeeded() {
  const needs = rows.map((row) => lengthsOf(row, minimal));
  return {
    trained: Math.max(...needs.map(({ trained }) => trained)),
    scored: Math.max(...needs.map(({ scored }) => scored)),
  };
}

let datasets = 0;
function datasetOf(
  train: readonly number[],
  test: readonly number[],
  validation: readonly number[] = [],
): TimedDataset {
  const writer = new DatasetWriter(join(folder, String(datasets++)), {
    symbols: 256,
    rate: 16000,
    description: {},
  });
  for (const [split, lengths] of Object.entries({ train, test, validation }) as [Split, number[]][]) {
    lengths.forEach((length, index) => {
      writer.add({ id: `${split} ${index}`, source: '', split }, new Uint8Array(length).fill(index));
    });
  }
  return timed(writer.finish());
}

/** True if a row's model can score a position of a piece of a length, in timesteps of its sequence. */
async function scores(id: string, length: number): Promise<boolean> {
  const model = createModel(modelOf(rowNamed(id), minimal), randomKey('models'));
  const piece = {
    id: 'piece',
    length,
    read: (start: number, count: number) => new Uint8Array(count).fill(start % 7),
  };
  try {
    const { skip, multipleOf } = scoringOf(rowNamed(id), minimal);
    const { positions } = await evaluateNll(model, [piece], { skip, multipleOf });
    return positions > 0;
  } catch {
    return false;
  } finally {
    model.dispose();
  }
}

describe('lengthsNeeded', () => {
  it('is as long as every row needs, and no longer', () =>
    withRows(toys, async () => {
      // Excerpts of 64 codes, 8 timesteps each, are longer than those of 256 timesteps.
      const { trained, scored } = lengthsNeeded();
      expect(trained).toBe(512);
      for (const id of ['1.1', '1.2', '1.7']) {
        expect([id, await scores(id, scored)]).toEqual([id, true]);
        // All rows score the positions of the row that sees farthest.
        expect([id, await scores(id, scored - 1)]).toEqual([id, false]);
      }
      expect(await scores('9.1', Math.floor(scored / 8))).toBe(true);
    }));
});

describe('requireEnoughMusic', () => {
  it('accepts data with one long enough piece in each split', () =>
    withRows(toys, () => {
      const { trained, scored } = lengthsNeeded();
      const dataset = datasetOf([10, trained, 10], [10, scored]);
      requireEnoughMusic(dataset, minimal, rows);
      dataset.close();
    }));

  it('names the split that is too short', () =>
    withRows(toys, () => {
      const { trained, scored } = lengthsNeeded();
      const complaint = (train: number[], test: number[]) => {
        const dataset = datasetOf(train, test);
        try {
          requireEnoughMusic(dataset, minimal, rows);
          return '';
        } catch (error) {
          return (error as Error).message;
        } finally {
          dataset.close();
        }
      };
      expect(complaint([10, trained - 1], [scored])).toBe(
        'The longest piece of the train split lasts 0.03 s, but scale minimal needs 0.04 s. Add longer recordings.',
      );
      expect(complaint([trained], [scored - 1, 10])).toContain(
        'The longest piece of the test split lasts 0.02 s',
      );
      expect(complaint([trained], [])).toContain('The longest piece of the test split lasts 0 s');
    }));
});

describe('requireEnoughMusicFor', () => {
  const { scored } = lengthsOf(rowNamed('1.2'), minimal);
  const complaint = (
    lengths: Record<Split, number[]>,
    argument: Partial<Parameters<typeof requireEnoughMusicFor>[0]> = {},
  ) => {
    const dataset = datasetOf(lengths.train, lengths.test, lengths.validation);
    try {
      requireEnoughMusicFor(
        { row: '1.2', scale: minimal, seed: 1, audio: dataset.folder, dataName: 'noise', ...argument },
        dataset,
      );
      return '';
    } catch (error) {
      return (error as Error).message;
    } finally {
      dataset.close();
    }
  };
  const enough = { train: [512], test: [scored], validation: [scored] };

  it('checks the held-out split', () => {
    expect(complaint({ ...enough, validation: [] })).toBe('');
    expect(complaint({ ...enough, test: [] }, { heldOut: 'validation' })).toBe('');
    const short = { ...enough, validation: [10, scored - 1] };
    expect(complaint(short)).toBe('');
    expect(complaint(short, { heldOut: 'validation' })).toBe(
      'The longest piece of the validation split lasts 0.02 s, but #1.2 at scale minimal needs 0.03 s. ' +
        'Add longer recordings.',
    );
  });

  it('depends on the settings', () => {
    expect(complaint(enough, { settings: { 'budget.cropLength': 512 } })).toBe('');
    expect(complaint(enough, { settings: { 'budget.cropLength': 520 } })).toBe(
      'The longest piece of the train split lasts 0.03 s, but #1.2 at scale minimal needs 0.04 s. ' +
        'Add longer recordings, or choose other values of budget.cropLength.',
    );
    // A model that sees further is scored on later positions.
    expect(complaint(enough, { settings: { 'decoder.dilations': [512] } })).toContain(
      'The longest piece of the train split lasts 0.03 s, but #1.2 at scale minimal needs 0.04 s.',
    );
  });

  it('scores rows on codes on whole pieces, and those on audio for minutes, all pieces together', () =>
    withRows(toys, () => {
      // 0.02 minutes are 480 timesteps of each piece.
      const pieces = Array<number>(40).fill(2000);
      const lengths = { train: pieces, test: pieces, validation: [] };
      // 101 codes are 808 timesteps.
      expect(complaint(lengths, { row: '9.1', settings: { dilations: [100] } })).toBe('');
      expect(complaint(lengths, { row: '1.1', settings: { dilations: [100] } })).toBe('');
      expect(complaint(lengths, { row: '1.1', settings: { dilations: [800] } })).toBe(
        'The 40 pieces of the train split share the 1.2 s to be scored, 0.03 s each, but #1.1 at scale minimal needs ' +
          '0.06 s of a piece. Give fewer pieces, at most 21 in this split, or longer ones in their place, or choose ' +
          'other values of dilations.',
      );
      const fewer = { train: pieces.slice(0, 21), test: pieces.slice(0, 21), validation: [] };
      expect(complaint(fewer, { row: '1.1', settings: { dilations: [800] } })).toBe('');
    }));

  it('does not ask for longer recordings than the scale takes', () => {
    // The scale prepares 1.2 s of the test split.
    const whole = { train: [30_000], test: [19_200], validation: [] };
    expect(complaint(whole, { row: '1.1', settings: { dilations: [20_000] } })).toBe(
      '#1.1 at scale minimal needs a piece of 1.26 s, but takes at most 1.2 s of the train split. ' +
        'Choose a larger --scale, or choose other values of dilations.',
    );
  });
});
