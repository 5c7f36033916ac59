import { selectBackend } from '@fermata/tensor';

import { freshModel } from '../jobs';
import { scaleNamed } from '../scales';
import { minimal } from '../testing/minimal';
import { modelOf, paperRows, rowNamed, rowsOfTable, trainingConfig } from '.';

beforeAll(() => selectBackend('cpu'));

/** Input of encoder and decoder, bottleneck, symbols and hop; for a WaveNet only its input. */
function outlineOf(id: string): readonly (string | number)[] {
  const model = modelOf(rowNamed(id), minimal);
  if (model.kind === 'wavenet') return [model.config.input];
  const { encoder, decoder, quantiser, symbols, hop } = model.config;
  return [encoder.input, decoder.input, quantiser.kind, symbols, hop];
}

it('are those of Table 1', () => {
  expect(Object.fromEntries(rowsOfTable('1').map(({ id }) => [id, outlineOf(id)]))).toEqual({
    '1.1': ['continuous'],
    '1.2': ['continuous', 'continuous', 'vq', 256, 8],
    '1.3': ['one-hot', 'one-hot', 'vq', 256, 8],
    '1.4': ['continuous', 'continuous', 'argmax', 256, 8],
    '1.5': ['one-hot', 'one-hot', 'argmax', 256, 8],
    '1.6': ['one-hot', 'one-hot', 'argmax', 256, 8],
    '1.7': ['continuous', 'continuous', 'vq', 256, 64],
    '1.2-one-hot-decoder': ['continuous', 'one-hot', 'vq', 256, 8],
    '1.4-commitment': ['continuous', 'continuous', 'argmax', 256, 8],
    '1.2-early-downsampling': ['continuous', 'continuous', 'vq', 256, 8],
    '1.2-continuous': ['continuous', 'continuous', 'continuous', 256, 8],
    '1.2-10-bit': ['continuous', 'continuous', 'vq', 1024, 8],
    '1.2-12-bit': ['continuous', 'continuous', 'vq', 4096, 8],
    '1.2-restarts': ['continuous', 'continuous', 'vq', 256, 8],
    '1.2-fsq': ['continuous', 'continuous', 'fsq', 256, 8],
  });
});

it('have the quantisers of docs/experiments/table-1.md', () => {
  const vq = { kind: 'vq', codebookSize: 256, depth: 4, alpha: 0.95, beta: 0.25 };
  const argmax = { kind: 'argmax', codebookSize: 256 };
  const relu = { ...argmax, diversity: { kind: 'squared-sum', nu: 1e-3 } };
  const quantiserOf = (id: string) => {
    const model = modelOf(rowNamed(id), minimal);
    return model.kind === 'autoencoder' ? model.config.quantiser : undefined;
  };
  const expected = {
    '1.2': vq,
    '1.4': relu,
    '1.6': { ...argmax, simplex: 'softmax', diversity: { kind: 'negative-entropy', nu: 1 } },
    '1.4-commitment': { ...relu, beta: 0.25 },
    '1.2-restarts': { ...vq, restartBelow: 0.5 },
    '1.2-fsq': { kind: 'fsq', levels: [4, 4, 4, 4] },
  };
  expect(Object.fromEntries(Object.keys(expected).map((id) => [id, quantiserOf(id)]))).toEqual(expected);
});

it('have the numbers of the paper', () => {
  const printed = Object.entries({
    '1.1': [1.192, 1.151, undefined],
    '1.2': [0.766, 0.734, 227.3],
    '1.3': [0.711, 0.682, 199.6],
    '1.4': [0.786, 0.759, 228.9],
    '1.5': [0.721, 0.695, 225.6],
    '1.6': [0.833, 0.806, 183.2],
    '1.7': [1.203, 1.172, 84.04],
    '2.1': [4.415, 4.43, undefined],
    '2.2': [4.183, 4.191, 226.0],
    '2.3': [4.337, 4.348, 227.7],
    '2.4': [4.236, 4.247, 228.0],
    '2.5': [4.134, 4.143, 226.2],
    '2.6': [4.153, 4.159, 234.2],
  });
  const rows = paperRows().map(({ id, paper }) => [
    id,
    [paper?.trainNll, paper?.evalNll, paper?.perplexity ?? paper?.oneSecondPerplexity],
  ]);
  expect(printed).toEqual(expect.arrayContaining(rows));
  // "413 hours of recorded solo piano music" (section 4).
  expect(scaleNamed('paper').trainMinutes).toBe(413 * 60);
});

it('have initial weights that follow from the seed', () => {
  const weights = (seed: number) => {
    const model = freshModel({ row: '1.1', scale: minimal, seed });
    const values = [...model.weights().get('stack/layers/0/kernel')!.dataSync()];
    model.dispose();
    return values;
  };
  expect(weights(1)).toEqual(weights(1));
  expect(weights(1)).not.toEqual(weights(2));
});

it('are trained on the timesteps of the budget', () => {
  const budget = {
    timesteps: 1_000_000,
    batchSize: 4,
    cropLength: 1000,
    learningRate: 0.006,
    warmUpSteps: 40,
  };
  expect(trainingConfig(budget, 3)).toEqual({
    seed: 3,
    steps: 250,
    batchSize: 4,
    cropLength: 1000,
    learningRate: 0.006,
    schedule: { kind: 'cosine', finalFraction: 0.02, warmUpSteps: 40 },
    adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    clipNorm: 1,
    polyakDecay: 0.99,
    logEvery: 6,
    evaluateEvery: 0,
    checkpointEvery: 31,
  });
});
