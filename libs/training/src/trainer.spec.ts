import { fold, randomKey, parseSettings } from '@fermata/core';
import * as tf from '@tensorflow/tfjs';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { trainingSettings } from './config/trainingConfig';
import { computeGradients } from './gradients';
import { Adam } from './optimiser/adam';
import { clippingScale } from './optimiser/clip';
import { PolyakAverage } from './optimiser/polyak';
import { learningRateAt } from './optimiser/schedule';
import { RunStore } from './runs/runStore';
import { countingBatch, SoftmaxRegression } from './testing/softmaxRegression';
import { loadModel, train, type TrainOptions } from './train';

const folder = fs.mkdtempSync(join(tmpdir(), 'fermata-'));
beforeAll(() => tf.setBackend('cpu'));
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

// Nothing as it is by default, so that each setting shows.
const config = parseSettings(
  trainingSettings,
  {
    seed: 5,
    steps: 12,
    batchSize: 2,
    cropLength: 8,
    learningRate: 0.1,
    clipNorm: 0.3,
    polyakDecay: 0.3,
    adam: { beta1: 0.5, beta2: 0.95, epsilon: 1e-3 },
    schedule: { kind: 'cosine', warmUpSteps: 3 },
    logEvery: 5,
    checkpointEvery: 6,
  },
  'spec',
);
const batch = countingBatch(config);
const slowBatch =
  (milliseconds: number): TrainOptions['batch'] =>
  async (step, key) => {
    await setTimeout(milliseconds);
    return batch(step, key);
  };
const runOf = (data: string) => new RunStore(folder).run({ config, seed: config.seed, data });
const values = (of: ReadonlyMap<string, tf.Variable>) => [...of].map(([path, v]) => [path, ...v.dataSync()]);

it('moves hyper-parameters when it is told to, within what their settings allow', async () => {
  const model = new SoftmaxRegression();
  const rates: number[] = [];
  await train({
    model,
    config,
    run: runOf('moved'),
    batch,
    adjust: (step, hyperparameters) => {
      if (step === 5) hyperparameters.get('learningRate')!.set(0.2, 'learningRate');
      hyperparameters.get('penalty')!.set(step / 100, 'penalty');
    },
    onMetrics: ({ kind, learningRate }) => {
      if (kind === 'train') rates.push(learningRate!);
    },
  });
  // Lines of metrics are of the steps 5, 10 and 12, counted from 1.
  expect(rates[0]).toBeCloseTo(learningRateAt(config, 4), 9);
  expect(rates[1]).toBeCloseTo(2 * learningRateAt(config, 9), 9);
  expect(model.hyperparameters().get('penalty')!.value).toBe(0.11);
  const wrong = train({
    model: new SoftmaxRegression(),
    config,
    run: runOf('wrong'),
    batch,
    adjust: (_, hyperparameters) => {
      hyperparameters.get('learningRate')!.set(-1, 'learningRate');
    },
  });
  await expect(wrong).rejects.toThrow('learningRate is -1. It must be a number above 0.');
});

it('are those of the optimiser, its schedule and clipping, the averages and the keys, put together by hand', async () => {
  const run = runOf('by hand');
  const model = new SoftmaxRegression();
  await train({ model, config, run, batch });

  const other = new SoftmaxRegression();
  const adam = new Adam(other.weights(), config.adam);
  const average = new PolyakAverage(other.weights(), config.polyakDecay);
  const key = randomKey(config.seed);
  const symbols = (step: number) => tf.tensor2d(batch(step, fold(fold(key, 'batch'), step)), [2, 8], 'int32');
  other.initialise(symbols(0), fold(key, 'initialise'));
  let clipped = 0;
  for (let step = 0; step < config.steps; step++) {
    const { gradients, statistics, scalars } = computeGradients(other, symbols(step));
    const norm = scalars.dataSync().at(-1)!;
    if (norm > config.clipNorm) clipped++;
    adam.update(gradients, {
      step: step + 1,
      learningRate: learningRateAt(config, step),
      gradientScale: clippingScale(norm, config.clipNorm),
      average,
    });
    other.update(statistics, fold(fold(key, 'update'), step));
  }
  expect(clipped).toBeGreaterThan(0);
  expect(values(model.weights())).toEqual(values(average.state()));
  loadModel(run, model, { averaged: false });
  expect(values(model.weights())).toEqual(values(other.weights()));
  expect(values(model.state())).toEqual(values(other.state()));
});

it('draw different batches in each step and for each seed', async () => {
  const keysOf = async (seed: number) => {
    const keys: string[] = [];
    await train({
      model: new SoftmaxRegression(),
      config: { ...config, seed },
      run: new RunStore(folder).run({ config, seed, data: 'keys' }),
      batch: (step, key) => {
        keys.push(JSON.stringify(key));
        return batch(step, key);
      },
    });
    return keys;
  };
  const [one, two] = [await keysOf(1), await keysOf(2)];
  // Initialisation draws the first batch once more.
  expect(one[0]).toBe(one[1]);
  expect(new Set([...one, ...two]).size).toBe(2 * config.steps);
});

it('are logged with the learning rate that they had, and the timesteps that they took in a second', async () => {
  const run = runOf('logged');
  await train({ model: new SoftmaxRegression(), config, run, batch: slowBatch(20) });
  const metrics = run.metrics();
  expect(metrics.map(({ learningRate }) => learningRate)).toEqual(
    [4, 9, 11].map((step) => learningRateAt(config, step)),
  );
  // Covers five steps of 16 timesteps and at least 20 ms.
  const [{ times }] = metrics;
  expect(times.timestepsPerSecond! * times.wallSeconds).toBeGreaterThan(80);
  expect(times.timestepsPerSecond!).toBeLessThan(80 / 0.095);
});

it('count the seconds of sessions before', async () => {
  const run = runOf('two sessions');
  const controller = new AbortController();
  const stopped = train({
    model: new SoftmaxRegression(),
    config,
    run,
    batch: slowBatch(100),
    signal: controller.signal,
    onProgress: ({ done }) => {
      if (done === 7) controller.abort();
    },
  });
  await expect(stopped).rejects.toThrow('aborted');
  const { wallSeconds } = await train({ model: new SoftmaxRegression(), config, run, batch });
  expect(wallSeconds).toBeGreaterThan(0.7);
});
