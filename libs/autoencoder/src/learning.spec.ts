import { fold, randomKey, RandomStream, type RandomKey } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';
import { expectClose } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { DiscreteAutoencoder } from './discreteAutoencoder';
import type { AutoencoderConfig } from './settings';

const config: AutoencoderConfig = {
  symbols: 16,
  hop: 4,
  encoder: { input: 'one-hot', dilations: [1, 1], channels: 8, gate: 8, skip: 16 },
  quantiser: { kind: 'vq', codebookSize: 8, depth: 8, alpha: 0.9, beta: 0.25 },
  modulator: { dilations: [1], channels: 8, gate: 8, skip: 16 },
  decoder: { input: 'one-hot', dilations: [1, 2], width: 2, channels: 8, gate: 8, skip: 16, head: 16 },
};
const periods = 32;

// A square wave of period 4 with one of 4 random loudnesses for each period: the past predicts the wave, but only the
// codes predict the loudness. Without codes no model can get below log(4) / 4 nats per timestep.
function toySignal(key: RandomKey): tf.Tensor2D {
  const stream = new RandomStream(key);
  const symbols = Array.from({ length: periods }, () => 1 + stream.integer(4)).flatMap((loudness) =>
    [1, 1, -1, -1].map((sign) => 8 + sign * loudness),
  );
  return tf.tensor2d(symbols, [4, periods], 'int32');
}

function train(model: DiscreteAutoencoder, steps: number, key: RandomKey): void {
  const optimiser = tf.train.adam(0.03);
  const weights = [...model.weights().values()];
  tf.tidy(() => {
    model.initialise(toySignal(fold(key, 'initialise')), key);
  });
  for (let step = 0; step < steps; step++) {
    tf.tidy(() => {
      const batch = toySignal(fold(fold(key, 'batch'), step));
      let statistics: tf.NamedTensorMap = {};
      const { grads } = tf.variableGrads(() => {
        const result = model.loss(batch);
        statistics = result.statistics;
        Object.values(statistics).forEach(tf.keep);
        return result.loss;
      }, weights);
      optimiser.applyGradients(Object.entries(grads).map(([name, tensor]) => ({ name, tensor })));
      model.update(statistics, fold(fold(key, 'update'), step));
      tf.dispose(statistics);
    });
  }
  optimiser.dispose();
}

const mean = (values: tf.Tensor): number => tf.mean(values).dataSync()[0];

describe.each([
  ['VQ-VAE', config.quantiser],
  ['VQ-VAE with restarts', { ...config.quantiser, restartBelow: 0.5 }],
  ['AMAE', { kind: 'argmax', codebookSize: 8, diversity: { kind: 'squared-sum', nu: 0.02 } }],
] as const)('%s', (_name, quantiser) => {
  beforeAll(() => selectBackend('wasm'));

  it('learns to use its codes', () => {
    const key = randomKey('toy');
    const model = new DiscreteAutoencoder({ ...config, quantiser }, key);
    const before = tf.memory().numTensors;
    train(model, 60, key);
    expect(tf.memory().numTensors).toBe(before);

    tf.tidy(() => {
      const symbols = toySignal(fold(key, 'held out'));
      const codes = model.encode(symbols);
      const nll = mean(model.nll(symbols));
      expect(nll).toBeLessThan(Math.log(4) / 4);
      // The codes of another excerpt.
      const others = tf.concat([tf.slice(codes, [1, 0]), tf.slice(codes, [0, 0], [1, -1])]);
      expect(mean(model.nll(symbols, { codes: others }))).toBeGreaterThan(nll + 0.5);

      // Makes the same model again from its configuration as JSON and its variables by path.
      const copy = new DiscreteAutoencoder(
        JSON.parse(JSON.stringify(model.config)) as AutoencoderConfig,
        randomKey('other'),
      );
      for (const variables of ['weights', 'state'] as const) {
        const values = model[variables]();
        for (const [path, variable] of copy[variables]()) variable.assign(values.get(path)!);
      }
      expectClose(copy.nll(symbols), model.nll(symbols), 0);
      copy.dispose();
    });
    model.dispose();
  });
});
