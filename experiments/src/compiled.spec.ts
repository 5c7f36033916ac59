import { DiscreteAutoencoder } from '@fermata/autoencoder';
import { RandomStream, randomKey } from '@fermata/core';
import { Predictor } from '@fermata/evaluation';
import { loadKernels } from '@fermata/kernels';
import type { QuantiserConfig } from '@fermata/quantisers';
import { selectBackend } from '@fermata/tensor';
import { RunStore, train, type Trainable } from '@fermata/training';
import * as tf from '@tensorflow/tfjs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createModel } from './models';
import { modelOf, rowNamed, rowsOfTable, trainingConfig } from './rows';
import { smoke } from './scales/smoke';

const describeNative = loadKernels() === undefined ? describe.skip : describe;

// The most values that a loop in JavaScript may handle: enough for a bias or a count for each code, but not for each
// timestep or weight.
const mostValues = 1024;

const key = randomKey('compiled');
const [batchSize, cropLength] = [4, 1280];
const stream = new RandomStream(key);
const symbols = Int32Array.from({ length: batchSize * cropLength }, () => stream.integer(256));

// Quantisers of no row in the paper's first table.
const quantisers: Record<string, QuantiserConfig> = {
  'VQ with restarts': {
    kind: 'vq',
    codebookSize: 256,
    depth: 32,
    alpha: 0.99,
    beta: 0.25,
    restartBelow: 0.5,
  },
  'VQ learnt by gradient': { kind: 'vq', codebookSize: 256, depth: 32, beta: 0.25, codebook: 'gradient' },
  'AMAE with softmax': {
    kind: 'argmax',
    codebookSize: 256,
    simplex: 'softmax',
    diversity: { kind: 'negative-entropy', nu: 1e-3 },
    beta: 0.1,
  },
  FSQ: { kind: 'fsq', levels: [8, 6, 5] },
  'no bottleneck': { kind: 'continuous', depth: 32 },
};

function withQuantiser(quantiser: QuantiserConfig): DiscreteAutoencoder {
  const { kind, config } = modelOf(rowNamed('1.2'), smoke);
  if (kind !== 'autoencoder') throw new Error('another model');
  return new DiscreteAutoencoder({ ...config, quantiser }, key);
}

const models: Record<string, () => Trainable & { dispose(): void }> = {
  ...Object.fromEntries(
    rowsOfTable('1').map((row) => [`#${row.id}, ${row.title}`, () => createModel(modelOf(row, smoke), key)]),
  ),
  ...Object.fromEntries(
    Object.entries(quantisers).map(([name, quantiser]) => [name, () => withQuantiser(quantiser)]),
  ),
  'a point of a predictability profile': () =>
    new Predictor({ symbols: 256, receptiveField: 16, hidden: 64 }, key, 64),
};

/** Large work of the cpu backend's kernels, as `name of [shapes]`. */
const large = new Set<string>();

/**
 * Makes every kernel of the cpu backend record its work. The backend `native` copies the kernels that it lacks from it.
 */
function watchKernels(): void {
  for (const config of tf.getKernelsForBackend('cpu')) {
    tf.unregisterKernel(config.kernelName, 'cpu');
    const kernelFunc: tf.KernelFunc = (args) => {
      const outputs = config.kernelFunc(args);
      const infos = (of: tf.NamedTensorInfoMap | tf.TensorInfo[]) =>
        Object.values<tf.TensorInfo | undefined>(of).flatMap((info) => info ?? []);
      const given = infos(args.inputs);
      // A kernel that only renames or reshapes its input touches no values.
      const isMade = ({ dataId }: tf.TensorInfo) => !given.some((info) => info.dataId === dataId);
      const made = infos([outputs].flat()).filter(isMade);
      const shapes = made.length === 0 ? [] : [...given, ...made].map(({ shape }) => shape);
      if (shapes.some((shape) => tf.util.sizeFromShape(shape) > mostValues))
        large.add(`${config.kernelName} of ${shapes.map((shape) => `[${shape.join(', ')}]`).join(' ')}`);
      return outputs;
    };
    tf.registerKernel({ ...config, kernelFunc });
  }
}

describeNative('a step of training computes nothing large in JavaScript', () => {
  const runs = mkdtempSync(join(tmpdir(), 'fermata-'));
  beforeAll(async () => {
    watchKernels();
    await selectBackend('native');
  });
  afterAll(() => {
    rmSync(runs, { recursive: true });
  });

  it.each(Object.entries(models))('%s', async (name, build) => {
    const model = build();
    const size = { timesteps: 2 * batchSize * cropLength, batchSize, cropLength, warmUpSteps: 1 };
    await train({
      model,
      config: trainingConfig({ ...smoke.audioBudget, ...size }, 1),
      run: new RunStore(runs).run({ config: { name }, seed: 1, data: 'random' }),
      // Preparations before a step do not count.
      batch: () => {
        large.clear();
        return symbols;
      },
    });
    expect([...large]).toEqual([]);
    model.dispose();
  });

  it('and the check notices large work', () => {
    large.clear();
    tf.tidy(() => tf.cumsum(tf.zeros([2, 4096])));
    expect([...large]).toEqual(['Cumsum of [2, 4096] [2, 4096]']);
  });
});
