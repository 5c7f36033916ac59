// Trains a small autoencoder and prints a line as it begins: node --require …/testing/register.js autoencoderChild.ts '{…}'

import { DiscreteAutoencoder, type AutoencoderConfig } from '@fermata/autoencoder';
import { fold, parseSettings, randomKey, RandomStream, type RandomKey } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';
import { RunStore, train, trainingSettings } from '@fermata/training';
import * as tf from '@tensorflow/tfjs';

export interface ChildOptions {
  /** The folder of all runs. */
  readonly runs: string;
}

const symbols = 16;
const model: AutoencoderConfig = {
  symbols,
  hop: 4,
  encoder: { input: 'one-hot', dilations: [1, 2], channels: 8, gate: 8, skip: 8 },
  quantiser: { kind: 'vq', codebookSize: 8, depth: 4, alpha: 0.9, beta: 0.25, restartBelow: 0.2 },
  modulator: { dilations: [1], channels: 8, gate: 8, skip: 8 },
  decoder: { input: 'one-hot', dilations: [1, 2, 4], width: 2, channels: 8, gate: 8, skip: 8, head: 8 },
};
const training = parseSettings(
  trainingSettings,
  {
    seed: 5,
    steps: 60,
    batchSize: 4,
    cropLength: 64,
    learningRate: 0.01,
    schedule: { kind: 'cosine', warmUpSteps: 10 },
    polyakDecay: 0.9,
    logEvery: 4,
    evaluateEvery: 9,
    checkpointEvery: 2,
  },
  'child',
);

// Square waves with a new random loudness for every four timesteps.
function wave(key: RandomKey, length: number): Int32Array {
  const stream = new RandomStream(key);
  const levels = Array.from({ length: length / 4 }, () => 1 + stream.integer(symbols / 2 - 1));
  return Int32Array.from(
    levels.flatMap((level) => [level, level, -level, -level]),
    (x) => symbols / 2 + x,
  );
}

async function trainAutoencoder({ runs }: ChildOptions): Promise<void> {
  await selectBackend();
  const autoencoder = new DiscreteAutoencoder(model, randomKey('model'));
  const { batchSize, cropLength } = training;
  const heldOut = tf.tensor2d(wave(randomKey('held out'), 256), [1, 256], 'int32');
  process.stdout.write('begins\n');
  await train({
    model: autoencoder,
    config: training,
    run: new RunStore(runs).run({ config: { model, training }, seed: training.seed, data: 'waves' }),
    batch: (_step, key) => wave(fold(key, 'wave'), batchSize * cropLength),
    evaluate: () => ({ nll: tf.tidy(() => tf.mean(autoencoder.nll(heldOut)).dataSync()[0]) }),
    onWarning: (message) => {
      throw new Error(message);
    },
  });
}

void trainAutoencoder(JSON.parse(process.argv[2]) as ChildOptions);
