import { DatasetWriter, timed, type Split, type TimedDataset } from '@fermata/data';
import { randomKey } from '@fermata/core';
import { evaluateNll } from '@fermata/evaluation';
import { selectBackend } from '@fermata/tensor';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { scoring } from '../jobs/trainRow';
import { asSequenceModel, createModel } from '../model';
import { rowNamed } from '../rows';
import { minimal } from '../testing/minimal';
import { lengthsNeeded, requireEnoughMusic, requireEnoughMusicFor } from './enoughMusic';

const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
beforeAll(() => selectBackend('cpu'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

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

/** Whether a row's model can score a position of a piece of that length, in timesteps of what it models. */
async function scores(id: string, length: number): Promise<boolean> {
  const model = createModel(rowNamed(id).model(minimal), randomKey('models'));
  const piece = {
    id: 'piece',
    length,
    read: (start: number, count: number) => new Uint8Array(count).fill(start % 7),
  };
  try {
    const { positions } = await evaluateNll(asSequenceModel(model), [piece], scoring(id, minimal));
    return positions > 0;
  } catch {
    return false;
  } finally {
    model.dispose();
  }
}

describe('lengthsNeeded', () => {
  it('is as long as every row needs, and no longer', async () => {
    // Excerpts of 64 codes, 8 timesteps each, are longer than those of 256 timesteps.
    const { trained, scored } = lengthsNeeded(minimal);
    expect(trained).toBe(512);
    for (const id of ['1.1', '1.2', '1.7']) {
      expect([id, await scores(id, scored)]).toEqual([id, true]);
      // All rows score the same positions, those of the row that sees farthest.
      expect([id, await scores(id, scored - 1)]).toEqual([id, false]);
    }
    expect(await scores('2.1', Math.floor(scored / 8))).toBe(true);
  });
});

describe('requireEnoughMusic', () => {
  it('takes data of which one piece of each split is long enough', () => {
    const { trained, scored } = lengthsNeeded(minimal);
    const dataset = datasetOf([10, trained, 10], [10, scored]);
    requireEnoughMusic(dataset, minimal);
    dataset.close();
  });

  it('names the split that is too short', () => {
    const { trained, scored } = lengthsNeeded(minimal);
    const complaint = (train: number[], test: number[]) => {
      const dataset = datasetOf(train, test);
      try {
        requireEnoughMusic(dataset, minimal);
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
  });
});

describe('requireEnoughMusicFor', () => {
  const { scored } = lengthsNeeded(minimal);
  const complaint = (
    lengths: Record<Split, number[]>,
    argument: Partial<Parameters<typeof requireEnoughMusicFor>[0]> = {},
  ) => {
    const dataset = datasetOf(lengths.train, lengths.test, lengths.validation);
    try {
      requireEnoughMusicFor(
        { row: '1.2', scale: minimal, seed: 1, dataset: dataset.folder, ...argument },
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

  it('looks at the split that is held out', () => {
    expect(complaint({ ...enough, validation: [] })).toBe('');
    expect(complaint({ ...enough, test: [] }, { heldOut: 'validation' })).toBe('');
    const short = { ...enough, validation: [10, scored - 1] };
    expect(complaint(short)).toBe('');
    expect(complaint(short, { heldOut: 'validation' })).toBe(
      'The longest piece of the validation split lasts 0.02 s, but #1.2 at scale minimal needs 0.03 s. ' +
        'Add longer recordings.',
    );
  });

  it('knows what settings need', () => {
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
});
