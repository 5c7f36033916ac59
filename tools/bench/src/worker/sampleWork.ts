import { fold, randomKey, split } from '@fermata/core';
import { sampleChunks } from '@fermata/wavenet';
import * as tf from '@tensorflow/tfjs';

import type { SampleTask } from '../protocol';
import { networkOf, randomSymbols, storedWeights } from './network';
import { timed, type Work } from './work';

/** Endless sampling, a chunk at a time: the one-time setup is not measured. */
export async function sampleWork(task: SampleTask): Promise<Work> {
  const model = networkOf(task);
  const symbols = randomSymbols(task.checkLength);
  const tensors = await storedWeights(model);
  tensors.set('symbols', { shape: [1, task.checkLength], values: symbols });
  const chunks = sampleChunks(model, {
    keys: split(fold(randomKey('bench'), 'streams'), task.streams),
    steps: Number.MAX_SAFE_INTEGER,
    chunk: task.timesteps,
    weights: task.weights,
  });
  return { check: [await meanNll()], tensors, run: () => timed(() => chunks.next()) };

  // Computed with teacher forcing; the specs of libs/wavenet check that the sampler agrees.
  async function meanNll(): Promise<number> {
    const nll = tf.tidy(() => model.loss(tf.tensor2d(symbols, [1, symbols.length], 'int32')).loss);
    const [value] = await nll.data();
    nll.dispose();
    return value;
  }
}
