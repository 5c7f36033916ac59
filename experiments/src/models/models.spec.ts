import { RandomStream, randomKey } from '@fermata/core';
import { evaluateNll } from '@fermata/evaluation';
import { generate } from '@fermata/models';
import { selectBackend } from '@fermata/tensor';
import { expectNoLeak } from '@fermata/testing';
import { RunStore, train } from '@fermata/training';
import * as tf from '@tensorflow/tfjs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describeRow, modelOf, rowNamed, trainingConfig } from '../rows';
import { minimal } from '../testing/minimal';
import { createModel } from '.';

const key = randomKey('models');
const runs = mkdtempSync(join(tmpdir(), 'fermata-'));
beforeAll(() => selectBackend('wasm'));
afterAll(() => {
  rmSync(runs, { recursive: true, force: true });
});

const stream = new RandomStream(key);
const sequence = Int32Array.from({ length: 640 }, () => stream.integer(256));
const piece = {
  id: 'piece',
  length: 640,
  read: (start: number, length: number) => sequence.subarray(start, start + length),
};

describe.each([
  '1.1',
  '1.2',
  '1.4',
  '1.6',
  '1.7',
  '1.2-continuous',
  '1.2-fsq',
  '1.2-early-downsampling',
  '2.1',
])('the model of #%s', (id) => {
  const build = () => createModel(modelOf(rowNamed(id), minimal), key);

  it('leaves no tensor behind after a step, an evaluation, encoding and disposal', async () => {
    await expectNoLeak(async () => {
      const model = build();
      const config = trainingConfig(
        { timesteps: 4 * 128, batchSize: 2, cropLength: 64, learningRate: 0.01, warmUpSteps: 1 },
        1,
      );
      const alive: number[] = [];
      await expectNoLeak(() =>
        train({
          model,
          config,
          run: new RunStore(runs).run({ config: { id }, seed: 1, data: 'random' }),
          batch: (step) => sequence.slice(128 * step, 128 * (step + 1)),
          onProgress: () => alive.push(tf.memory().numTensors),
        }),
      );
      expect(alive.length).toBe(5);
      expect(new Set(alive).size).toBe(1);
      const { context, codebookSize } = model;
      await expectNoLeak(() => evaluateNll(model, [piece], { skip: context.past, positions: 64 }));
      if (codebookSize !== null) await expectNoLeak(() => model.asLevel!().encode(sequence));
      model.dispose();
    });
  });

  it('matches its config: sizes, roles and receptive field', () => {
    const model = build();
    const { receptiveField, isPrior, isLevel, ...facts } = describeRow(rowNamed(id), minimal);
    // Layers of width 2 with dilations 1, 2 and 4 see themselves and 7 symbols before.
    expect(receptiveField).toBe(8);
    const { symbols, hop, codebookSize, context, parameterCount: parameters } = model;
    expect(facts).toMatchObject({ symbols, hop, codebookSize, context, parameters });
    expect([isPrior, isLevel]).toEqual([model.asPrior !== undefined, model.asLevel !== undefined]);
    expect(model.asPrior?.().symbols ?? symbols).toBe(symbols);
    const level = model.asLevel?.();
    if (level !== undefined) expect(level).toMatchObject({ symbols, hop, codebookSize });
    model.dispose();
  });
});

it('two levels generate, and leave no tensor behind', async () => {
  const [prior, level] = ['2.1', '1.2'].map((id) => createModel(modelOf(rowNamed(id), minimal), key));
  const drawn = await expectNoLeak(() =>
    generate({ prior: prior.asPrior!(), levels: [level.asLevel!()], timesteps: 100, key }),
  );
  expect([drawn.symbols.length, drawn.codes.map(({ length }) => length)]).toEqual([100, [13]]);
  prior.dispose();
  level.dispose();
});
