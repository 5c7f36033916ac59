import { builtInCorpus } from '@fermata/audio';
import { randomExcerpts } from '@fermata/data';
import { fold, randomKey } from '@fermata/core';
import { weightFormats, type WeightFormat } from '@fermata/kernels';
import { selectBackend } from '@fermata/tensor';
import { Adam, computeGradients } from '@fermata/training';
import { formatDivergence, WaveNet } from '@fermata/wavenet';
import * as tf from '@tensorflow/tfjs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import type { BenchOptions } from './contenders';
import { networkConfig } from './network';
import { significant } from './statistics';

/** Effect of weights of fewer bits, against 32 bits. */
export interface AccuracyResult {
  readonly benchmark: 'accuracy';
  readonly channels: number;
  readonly layers: number;
  /** Number of training steps, each on a crop of the built-in corpus. */
  readonly steps: number;
  /** NLL of the trained model, in nats per timestep, on the compared excerpts. */
  readonly nll: number;
  /** Number of excerpts of the test split, and timesteps of each. */
  readonly excerpts: number;
  readonly length: number;
  /** Mean of KL(fp32 ‖ format) of the next symbol's distribution, in nats, by format. */
  readonly divergence: Readonly<Record<Exclude<WeightFormat, 'fp32'>, number>>;
}

const [steps, crop, excerpts, length] = [300, 4096, 8, 2048];

/**
 * Trains the sampled net on piano for some minutes, and compares its predicted distributions with weights in each
 * format, over excerpts of music outside the training data.
 *
 * @throws UserError if a backend is not available
 */
export async function benchAccuracy(
  options: BenchOptions,
  { channels, layers }: { readonly channels: number; readonly layers: number },
): Promise<AccuracyResult> {
  const { backend, onProgress, signal } = options;
  await selectBackend(backend);
  const folder = mkdtempSync(join(tmpdir(), 'fermata-bench-'));
  const key = randomKey('bench accuracy');
  const model = new WaveNet(networkConfig({ channels, layers, head: 256 }), fold(key, 'model'));
  const dataset = await builtInCorpus({ minutes: 5, folder, ...(signal && { signal }) });
  try {
    const adam = new Adam(model.weights(), { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 });
    for (let step = 1; step <= steps; step++) {
      const symbols = randomExcerpts(dataset, {
        split: 'train',
        length: crop,
        count: 1,
        key: fold(key, step),
      });
      const batch = tf.tensor2d(symbols, [1, crop], 'int32');
      const { gradients, statistics, scalars } = computeGradients(model, batch);
      adam.update(gradients, { step, learningRate: 1e-3 });
      tf.dispose([batch, scalars, statistics, ...gradients.values()]);
      onProgress?.({ stage: 'train', done: step, total: steps });
      await setImmediate();
      signal?.throwIfAborted();
    }
    adam.dispose();
    const test = randomExcerpts(dataset, { split: 'test', length, count: excerpts, key: fold(key, 'test') });
    const sequences = Array.from({ length: excerpts }, (_, i) => test.subarray(i * length, (i + 1) * length));
    const nll = tf.tidy(() => model.loss(tf.tensor2d(test, [excerpts, length], 'int32')).loss.dataSync()[0]);
    const divergence = { bf16: 0, int8: 0 };
    for (const weights of weightFormats) {
      if (weights === 'fp32') continue;
      divergence[weights] = significant(await formatDivergence(model, sequences, { weights }), 2);
    }
    return {
      benchmark: 'accuracy',
      channels,
      layers,
      steps,
      nll: significant(nll, 4),
      excerpts,
      length,
      divergence,
    };
  } finally {
    dataset.close();
    model.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}
