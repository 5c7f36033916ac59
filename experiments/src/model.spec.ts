import {
  autoencoderLevel,
  DiscreteAutoencoder,
  encodeSequence,
  generate,
  waveNetPrior,
} from '@fermata/autoencoder';
import { RandomStream, randomKey } from '@fermata/core';
import { evaluateNll } from '@fermata/evaluation';
import { selectBackend } from '@fermata/tensor';
import { expectNoLeak } from '@fermata/testing';
import { RunStore, train } from '@fermata/training';
import { WaveNet } from '@fermata/wavenet';
import * as tf from '@tensorflow/tfjs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { trainingConfig } from './jobs/rowRun';
import { asSequenceModel, createModel, receptiveFieldOf } from './model';
import { rowNamed } from './rows';
import { minimal } from './testing/minimal';

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
  const build = () => createModel(rowNamed(id).model(minimal), key);

  it('leaves no tensor behind: a step, an evaluation, its codes, itself', async () => {
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
      const { context } = asSequenceModel(model);
      await expectNoLeak(() =>
        evaluateNll(asSequenceModel(model), [piece], { skip: context.past, positions: 64 }),
      );
      if (model instanceof DiscreteAutoencoder && model.quantiser.isDiscrete) {
        await expectNoLeak(() => encodeSequence(model, sequence));
      }
      model.dispose();
    });
  });

  it('says what it sees', () => {
    const model = build();
    // Layers of width 2 with dilations 1, 2 and 4 see themselves and 7 symbols before.
    expect(receptiveFieldOf(rowNamed(id).model(minimal))).toBe(8);
    model.dispose();
  });
});

it('two levels generate, and leave no tensor behind', async () => {
  const prior = createModel(rowNamed('2.1').model(minimal), key);
  const level = createModel(rowNamed('1.2').model(minimal), key);
  if (!(prior instanceof WaveNet) || !(level instanceof DiscreteAutoencoder)) throw new Error('other models');
  const drawn = await expectNoLeak(() =>
    generate({ prior: waveNetPrior(prior), levels: [autoencoderLevel(level)], timesteps: 100, key }),
  );
  expect([drawn.symbols.length, drawn.codes.map(({ length }) => length)]).toEqual([100, [13]]);
  prior.dispose();
  level.dispose();
});
