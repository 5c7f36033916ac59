import { randomKey } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';
import {
  expectClose,
  expectNoLeak,
  goldenTensor,
  loadGoldens,
  randomiseWeights,
  testBackends,
} from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { repeatDilations } from './receptiveField';
import { WaveNet } from './waveNet';
import type { WaveNetConfig } from './settings';

const base: WaveNetConfig = {
  symbols: 9,
  input: 'one-hot',
  dilations: [1, 2, 4],
  width: 2,
  channels: 4,
  gate: 3,
  skip: 5,
  head: 6,
};
const key = randomKey('wavenet');

describe.each(testBackends)('on %s, PyTorch agrees about', (backend) => {
  beforeAll(() => selectBackend(backend));

  const configs: WaveNetConfig[] = [
    base,
    { ...base, input: 'continuous', dilations: [1, 2], width: 3, conditioning: 2 },
  ];
  it.each(
    Object.entries(loadGoldens('wavenet/waveNet')).map((entry, index) => [...entry, configs[index]] as const),
  )('a WaveNet: %s', (_, golden, config) => {
    const model = new WaveNet(config, key);
    const weights = [...model.weights()];
    for (const [path, weight] of weights) weight.assign(goldenTensor(golden[path]));
    const symbols = goldenTensor(golden.symbols) as tf.Tensor2D;
    const conditioning =
      'conditioning' in golden ? (goldenTensor(golden.conditioning) as tf.Tensor3D) : undefined;
    expectClose(model.logits(symbols, conditioning), goldenTensor(golden.logits), 2e-5);
    expectClose(model.nll(symbols, { conditioning }), goldenTensor(golden.nll), 2e-5);
    const { grads } = tf.variableGrads(() => tf.mean(model.nll(symbols, { conditioning })));
    for (const [path, weight] of weights) {
      expectClose(grads[weight.name], goldenTensor(golden[`gradient of ${path}`]), 2e-5);
    }
  });
});

describe('the receptive field of a WaveNet', () => {
  beforeAll(() => selectBackend('cpu'));

  const time = 40;
  const changed = 10;

  it.each<[string, Partial<WaveNetConfig>, number]>([
    ['one-hot, width 2', {}, 8],
    ['one-hot, width 3', { width: 3 }, 15],
    ['continuous, width 2', { input: 'continuous' }, 8],
    ['continuous, width 3', { input: 'continuous', width: 3 }, 15],
  ])('is exactly the r symbols before the predicted one: %s', (_, change, receptiveField) => {
    const model = new WaveNet({ ...base, ...change }, key);
    randomiseWeights(model, randomKey('weights'));
    expect(model.receptiveField).toBe(receptiveField);
    const symbols = Int32Array.from({ length: time }, (_, t) => (t * t) % 9);
    const before = model.logits(tf.tensor2d(symbols, [1, time], 'int32'));
    symbols[changed] = (symbols[changed] + 4) % 9;
    const after = model.logits(tf.tensor2d(symbols, [1, time], 'int32'));
    const differences = tf.sum(tf.abs(tf.sub(after, before)), [0, 2]).dataSync();
    const affected = [...differences].flatMap((difference, t) => (difference > 0 ? [t] : []));
    expect(affected).toEqual(Array.from({ length: receptiveField }, (_, i) => changed + 1 + i));
  });

  it('is exactly 6,139 timesteps for the large WaveNets of the paper', () => {
    const small = { symbols: 2, channels: 1, gate: 1, skip: 1, head: 1 };
    const field = (dilations: number[], width: 2 | 3): number => {
      const model = new WaveNet({ ...base, ...small, dilations, width }, key);
      model.dispose();
      return model.receptiveField;
    };
    expect(field(repeatDilations(3, 10), 3)).toBe(6139);
    expect(field(repeatDilations(6, 10), 2)).toBe(6139);
  });

  it('is empty at the first symbol', () => {
    const model = new WaveNet({ ...base, input: 'continuous' }, key);
    randomiseWeights(model, randomKey('weights'));
    const first = [[1], [8]].map((symbols) =>
      tf.slice(model.logits(tf.tensor2d([symbols], [1, 1], 'int32')), 0),
    );
    expectClose(first[0], first[1], 0);
  });
});

describe('a WaveNet', () => {
  beforeAll(() => selectBackend('wasm'));

  it('maps symbols to the values −1 … 1 if its input is continuous', () => {
    const { input } = new WaveNet({ ...base, symbols: 256, input: 'continuous' }, key);
    input.affine!.kernel.assign(tf.tensor2d([[1, 2, 0, 0]]));
    input.affine!.bias.assign(tf.tensor1d([0, 0, 3, 0]));
    expectClose(input.apply(tf.tensor2d([[0, 128, 192]], [1, 3], 'int32')), [[[-1, -2, 3, 0], [0, 0, 3, 0], [0.5, 1, 3, 0]]], 0); // prettier-ignore
  });

  it('knows little before training: its NLL is near that of guessing', () => {
    const model = new WaveNet({ ...base, symbols: 256, dilations: repeatDilations(3, 10), gate: 16, channels: 16, skip: 16, head: 64 }, key); // prettier-ignore
    const symbols = tf.tensor2d(Int32Array.from({ length: 200 }, (_, t) => (t * 37) % 256), [1, 200], 'int32'); // prettier-ignore
    const { loss, metrics } = model.loss(symbols);
    expect(loss.dataSync()[0]).toBeLessThan(Math.log(256) + 0.3);
    expectClose(metrics.nll, loss, 0);
  });

  it('learns a sequence by heart', () => {
    const model = new WaveNet({ ...base, channels: 8, gate: 8, skip: 8, head: 16 }, key);
    const symbols = tf.tensor2d([4, 1, 8, 0, 5, 3, 2, 7, 6, 1, 4, 0], [1, 12], 'int32');
    const optimiser = tf.train.adam(0.02);
    for (let step = 0; step < 100; step++) optimiser.minimize(() => model.loss(symbols).loss);
    expect(model.loss(symbols).loss.dataSync()[0]).toBeLessThan(0.05);
  });

  it('names the value and the broken rule', () => {
    const make = (change: object) => (): WaveNet => new WaveNet({ ...base, ...change }, key);
    expect(make({ symbols: 1 })).toThrow('WaveNet: symbols is 1. It must be a whole number from 2 to 65536.');
    expect(make({ input: 'onehot' })).toThrow(
      'WaveNet: input is "onehot". It must be one of "continuous", "one-hot". Did you mean one-hot?',
    );
    expect(make({ head: 0 })).toThrow('WaveNet: head is 0. It must be a whole number from 1.');
    expect(make({ width: 1 })).toThrow('WaveNet: width is 1. It must be one of 2, 3.');
  });

  it('leaves no tensor behind', async () => {
    const model = new WaveNet(base, key);
    const symbols = tf.zeros<tf.Rank.R2>([2, 8], 'int32');
    await expectNoLeak(() => {
      model.nll(symbols).dispose();
    });
    await expectNoLeak(() => {
      const { value, grads } = tf.variableGrads(() => model.loss(symbols).loss);
      tf.dispose([value, grads]);
    });
    await expectNoLeak(() => {
      new WaveNet({ ...base, conditioning: 2 }, key).dispose();
    });
  });
});
