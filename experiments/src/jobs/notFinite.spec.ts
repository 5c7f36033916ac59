import { randomKey, RandomStream, UserError, parseSettings } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';
import { testBackends } from '@fermata/testing';
import { RunStore, train, trainingSettings } from '@fermata/training';
import * as tf from '@tensorflow/tfjs';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createModel } from '../models';
import { modelOf, rowNamed } from '../rows';
import { minimal } from '../testing/minimal';

const config = parseSettings(
  trainingSettings,
  { seed: 1, steps: 12, batchSize: 2, cropLength: 64, checkpointEvery: 4 },
  'spec',
);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fermata-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Trains a row whose variable breaks after a step. */
async function breaking(row: string, path: string, { value, after }: { value: number; after: number }) {
  const model = createModel(modelOf(rowNamed(row), minimal), randomKey('model'));
  const run = new RunStore(folder).run({ config: { row, training: config }, seed: 1, data: 'noise' });
  const variable = new Map<string, tf.Variable>([...model.weights(), ...model.state()]).get(path)!;
  const error: unknown = await train({
    model,
    config,
    run,
    batch: (_step, key) => {
      const stream = new RandomStream(key);
      return Int32Array.from({ length: 128 }, () => stream.integer(256));
    },
    onProgress: ({ done }) => {
      if (done !== after) return;
      tf.tidy(() => {
        variable.assign(tf.fill(variable.shape, value));
      });
    },
  }).catch((reason: unknown) => reason);
  model.dispose();
  expect(error).toBeInstanceOf(UserError);
  const { problem, remedy } = error as UserError;
  expect(remedy).toBe('Lower learningRate or clipNorm, or warm up for longer.');
  return {
    problem,
    checkpoints: readdirSync(run.checkpoints),
    startedFrom: run.provenance()?.sessions.map(({ fromStep }) => fromStep),
  };
}

describe.each(testBackends.filter((name) => name !== 'cpu'))('a training on the backend %s', (backend) => {
  beforeAll(() => selectBackend(backend));

  it.each([
    ['1.1', 'nll is NaN', 'weights/stack/layers/1/kernel'],
    ['1.2', 'commitment is NaN, quantisationError is NaN', 'weights/encoder/head/queryKernel'],
    ['1.2', 'nll is NaN', 'weights/localModel/stack/layers/1/kernel'],
    ['1.2', 'nll is NaN, commitment is NaN, quantisationError is NaN', 'state/quantiser/codebook'],
    ['1.4', 'nll is NaN', 'weights/modulator/input/kernel'],
  ])('of #%s says that %s, and that it comes from %s', async (row, terms, tensor) => {
    const path = tensor.replace(/^(weights|state)\//, '');
    const first = await breaking(row, path, { value: NaN, after: 5 });
    expect(first.problem).toBe(
      `At step 6 ${terms}, loss is NaN, gradientNorm is NaN; not finite: ${tensor}.`,
    );
    // The first step is saved too, which shows a full disk at once.
    const saved = ['step-000000001.safetensors', 'step-000000004.safetensors'];
    expect(first.checkpoints).toEqual(saved);
    // Just before a checkpoint, that checkpoint is not saved; the run continues from the one before.
    const second = await breaking(row, path, { value: NaN, after: 8 });
    expect(second.problem).toBe(`After step 8 ${tensor} is not finite: it holds NaN.`);
    expect(second.checkpoints).toEqual(saved);
    expect(second.startedFrom).toEqual([0, 4]);
  });

  it('names the weights whose gradients are not finite', async () => {
    const { problem } = await breaking('1.2', 'encoder/head/queryKernel', { value: 1e30, after: 5 });
    expect(problem).toBe(
      'At step 6 commitment is Infinity, quantisationError is Infinity, loss is Infinity, gradientNorm is NaN; ' +
        'not finite: the gradient of encoder/input/kernel, encoder/input/bias, encoder/stack/layers/0/kernel and 11 more.',
    );
  });
});
