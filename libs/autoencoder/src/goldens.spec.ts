import { randomKey } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';
import { expectClose, goldenTensor, loadGoldens, testBackends } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { DiscreteAutoencoder } from './discreteAutoencoder';
import type { AutoencoderConfig } from './settings';

const continuous: AutoencoderConfig = {
  symbols: 9,
  hop: 2,
  encoder: { input: 'continuous', dilations: [1, 2], channels: 3, gate: 4, skip: 8 },
  quantiser: { kind: 'vq', codebookSize: 6, depth: 3, alpha: 0.9, beta: 0.25 },
  modulator: { dilations: [1], channels: 3, gate: 2, skip: 4 },
  decoder: { input: 'one-hot', dilations: [1, 2], width: 2, channels: 3, gate: 2, skip: 4, head: 5 },
};
const early: AutoencoderConfig = {
  ...continuous,
  encoder: { ...continuous.encoder, input: 'one-hot', downsampling: 'input' },
};
const argmax: AutoencoderConfig = {
  ...continuous,
  encoder: { ...continuous.encoder, input: 'one-hot' },
  quantiser: { kind: 'argmax', codebookSize: 6, diversity: { kind: 'squared-sum', nu: 0.3 }, epsilon: 1e-3 },
};
const configs = [continuous, early, argmax];

describe.each(testBackends)('on %s, PyTorch agrees about', (backend) => {
  beforeAll(() => selectBackend(backend));

  it.each(
    Object.entries(loadGoldens('autoencoder/autoencoder')).map(
      ([name, golden], index) => [name, golden, configs[index]] as const,
    ),
  )('queries, codes, conditioning, NLL, loss and all gradients of a whole %s', (_, golden, config) => {
    const model = new DiscreteAutoencoder(config, randomKey(1));
    const weights = [...model.weights()];
    for (const [path, weight] of weights) weight.assign(goldenTensor(golden[path]));
    if ('codebook' in golden) {
      model.state().get('quantiser/codebook')!.assign(goldenTensor(golden.codebook));
    }
    const symbols = goldenTensor(golden.symbols) as tf.Tensor2D;
    const codes = goldenTensor(golden.codes) as tf.Tensor2D;
    expectClose(model.query(symbols), goldenTensor(golden.query), 2e-5);
    expectClose(model.encode(symbols), codes, 0);
    expectClose(
      model.modulator.apply(model.quantiser.lookup(codes)),
      goldenTensor(golden.conditioning),
      2e-5,
    );
    expectClose(model.nll(symbols), goldenTensor(golden.nll), 2e-5);
    const { value, grads } = tf.variableGrads(() => model.loss(symbols).loss);
    expectClose(value, goldenTensor(golden.loss), 2e-5);
    for (const [path, weight] of weights) {
      expectClose(grads[weight.name], goldenTensor(golden[`gradient of ${path}`]), 2e-5);
    }
    model.dispose();
  });
});
