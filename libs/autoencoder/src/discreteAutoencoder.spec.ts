import { randomKey, RandomStream } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';
import { expectClose, expectNoLeak } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { DiscreteAutoencoder } from './discreteAutoencoder';
import type { AutoencoderConfig } from './settings';
import { Encoder } from './encoder';

// A key with which even an untrained AMAE uses several codes.
const key = randomKey('codes');

const small: AutoencoderConfig = {
  symbols: 16,
  hop: 4,
  encoder: { input: 'one-hot', dilations: [1, 2], channels: 4, gate: 4, skip: 4 },
  quantiser: { kind: 'vq', codebookSize: 8, depth: 4, alpha: 0.9, beta: 0.25 },
  modulator: { dilations: [1], channels: 4, gate: 4, skip: 4 },
  decoder: { input: 'one-hot', dilations: [1, 2, 4], width: 2, channels: 8, gate: 8, skip: 16, head: 16 },
};
const early: AutoencoderConfig = { ...small, encoder: { ...small.encoder, downsampling: 'input' } };
const argmax: AutoencoderConfig = {
  ...small,
  quantiser: { kind: 'argmax', codebookSize: 8, diversity: { kind: 'squared-sum', nu: 0.01 } },
};

function noise(length: number, symbols = 16, seed = 'noise'): Int32Array {
  const stream = new RandomStream(randomKey(seed));
  return Int32Array.from({ length }, () => stream.integer(symbols));
}

function tensor(symbols: Int32Array, batch = 1): tf.Tensor2D {
  return tf.tensor2d(symbols, [batch, symbols.length / batch], 'int32');
}

// A model whose codebook is initialised from data, like that of a training, so that its codes distinguish sequences.
function initialised(config: AutoencoderConfig): DiscreteAutoencoder {
  const model = new DiscreteAutoencoder(config, key);
  const symbols = tensor(noise(320), 2);
  tf.tidy(() => {
    model.initialise(symbols, key);
  });
  const codes = tf.tidy(() => model.encode(symbols).dataSync());
  expect(new Set(codes).size).toBeGreaterThan(3);
  return model;
}

// Finds, for each position of a random sequence, the times at which a different symbol there changes the output.
function influences(compute: (symbols: tf.Tensor2D) => tf.Tensor, length: number): number[][] {
  return tf.tidy(() => {
    const symbols = noise(length);
    const rows = new Int32Array((length + 1) * length);
    for (let row = 0; row <= length; row++) {
      rows.set(symbols, row * length);
      if (row < length) rows[row * length + row] = (symbols[row] + 7) % 16;
    }
    const output = compute(tensor(rows, length + 1));
    const [, times] = output.shape;
    const outputs = tf.reshape(output, [length + 1, times, -1]);
    const unchanged = tf.slice(outputs, [length, 0, 0], [1, -1, -1]);
    const differences = tf.max(tf.abs(tf.sub(outputs, unchanged)), 2).arraySync() as number[][];
    return differences.slice(0, length).map((row) => Array.from(row.keys()).filter((time) => row[time] > 0));
  });
}

beforeAll(() => selectBackend('cpu'));

describe('Encoder', () => {
  const { symbols, hop, encoder } = small;

  it('sees 518 = 512 ± 8 samples at #1.2: dilations 1 … 128 and a hop of 8', () => {
    const dilations = [1, 2, 4, 8, 16, 32, 64, 128];
    const paper = new Encoder({ ...encoder, dilations, symbols: 256, hop: 8, queryDepth: 2 }, key);
    expect(paper.receptiveField).toEqual({ past: 255, future: 262, total: 518 });
    expect(paper.receptiveField.total).toBe(paper.receptiveField.past + 1 + paper.receptiveField.future);
    paper.dispose();
  });

  it.each([
    ['output', { past: 3, future: 6, total: 10 }],
    ['input', { past: 12, future: 15, total: 28 }],
  ] as const)('with the rate lowered at the %s sees exactly its receptive field', (downsampling, field) => {
    const model = new Encoder({ ...encoder, downsampling, symbols, hop, queryDepth: 4 }, key);
    expect(model.receptiveField).toEqual(field);
    const code = 5;
    const reach = influences((x) => model.apply(x), 40);
    const seen = Array.from(reach.keys()).filter((position) => reach[position].includes(code));
    expect([seen[0], seen[seen.length - 1]]).toEqual([code * hop - field.past, code * hop + field.future]);
    expect(seen).toHaveLength(field.total);
    model.dispose();
  });

  it('cannot lower the rate elsewhere', () => {
    const other = { ...small, encoder: { ...small.encoder, downsampling: 'middle' as 'input' } };
    expect(() => new DiscreteAutoencoder(other, key)).toThrow(
      'autoencoder: encoder.downsampling is "middle". It must be one of "output", "input".',
    );
  });
});

describe.each([
  ['VQ-VAE', small],
  ['VQ-VAE with early downsampling', early],
  ['AMAE', argmax],
])('DiscreteAutoencoder as a %s', (_, config) => {
  let model: DiscreteAutoencoder;
  beforeAll(() => {
    model = initialised(config);
  });

  it('encodes, and gives its own codes the same NLL as the symbols alone', () => {
    const symbols = tensor(noise(80), 2);
    const codes = model.encode(symbols);
    expect(codes.shape).toEqual([2, 10]);
    expect(codes.dtype).toBe('int32');
    expectClose(model.nll(symbols, { codes }), model.nll(symbols), 0);
    expectClose(model.logits(symbols, { codes }), model.logits(symbols), 0);
  });

  it('minimises the NLL plus the losses of its quantiser', () => {
    const symbols = tensor(noise(80), 2);
    const { loss, metrics } = model.loss(symbols);
    expectClose(metrics.nll, tf.mean(model.nll(symbols)), 1e-5);
    const term = 'commitment' in metrics ? metrics.commitment : metrics.diversity;
    expectClose(loss, tf.add(metrics.nll, term), 1e-6);
    expect(Object.keys(metrics)).toEqual(
      expect.arrayContaining(['codesInUse', 'batchPerplexity', 'quantisationError']),
    );
    const codes = model.encode(symbols).dataSync();
    expectClose(metrics.codesInUse, new Set(codes).size, 0);
  });

  it('sends gradients through the codes to every weight, including the encoder', () => {
    const symbols = tensor(noise(160), 2);
    const { grads } = tf.variableGrads(() => model.loss(symbols).loss);
    const nllGrads = tf.variableGrads(() => model.loss(symbols).metrics.nll).grads;
    for (const [path, weight] of model.weights()) {
      const size = (gradients: tf.NamedTensorMap): number =>
        tf.sum(tf.abs(gradients[weight.name])).dataSync()[0];
      expect([path, size(grads) > 0]).toEqual([path, true]);
      expect([path, size(nllGrads) > 0]).toEqual([path, true]);
    }
  });

  it('is pure: a loss changes neither weights nor state', () => {
    const symbols = tensor(noise(80), 2);
    const values = (): Float32Array[] =>
      [...model.weights().values(), ...model.state().values()].map((v) => v.dataSync<'float32'>().slice());
    const before = values();
    tf.tidy(() => model.loss(symbols).loss);
    expect(values()).toEqual(before);
  });

  it('frees its tensors', async () => {
    const symbols = tensor(noise(80), 2);
    await expectNoLeak(() => {
      model.initialise(symbols, key);
      const { loss, metrics, statistics } = model.loss(symbols);
      model.update(statistics, key);
      const codes = model.encode(symbols);
      tf.dispose([loss, metrics, statistics, codes, model.nll(symbols), model.logits(symbols, { codes })]);
    });
    await expectNoLeak(() => {
      new DiscreteAutoencoder(config, key).dispose();
    });
  });

  it('is the same for the same key, and different for another', () => {
    const [first, second, third] = [key, key, randomKey('other')].map((k) => {
      const made = new DiscreteAutoencoder(config, k);
      return [...made.weights().values()].map((weight) => weight.dataSync<'float32'>());
    });
    expect(second).toEqual(first);
    expect(third).not.toEqual(first);
  });

  it('refuses times that are not a multiple of the hop, and codes that do not fit', () => {
    const symbols = tensor(noise(30));
    for (const call of [() => model.loss(symbols), () => model.encode(symbols), () => model.nll(symbols)]) {
      expect(call).toThrow('there are 30 timesteps, which is not a multiple of the hop 4');
    }
    expect(() => model.nll(tensor(noise(32)), { codes: tensor(noise(7, 8)) })).toThrow(
      'codes has shape [1, 7], not [1, 8]',
    );
  });
});

describe('DiscreteAutoencoder with a continuous bottleneck', () => {
  const continuous: AutoencoderConfig = { ...small, quantiser: { kind: 'continuous', depth: 4 } };
  const model = (): DiscreteAutoencoder => new DiscreteAutoencoder(continuous, key);

  it('minimises the NLL alone, from the queries themselves', () => {
    const symbols = tensor(noise(80), 2);
    const { loss, metrics } = model().loss(symbols);
    expect(Object.keys(metrics)).toEqual(['nll']);
    expectClose(loss, tf.mean(model().nll(symbols)), 1e-6);
  });

  it('can neither make codes nor accept any', () => {
    const symbols = tensor(noise(80), 2);
    expect(() => model().encode(symbols)).toThrow("a quantiser 'continuous' has no codes to encode to");
    const codes = tf.zeros<tf.Rank.R2>([2, 10], 'int32');
    expect(() => model().nll(symbols, { codes })).toThrow("a 'continuous' quantiser has no codes to look up");
  });
});

describe('DiscreteAutoencoder', () => {
  let model: DiscreteAutoencoder;
  beforeAll(() => {
    model = initialised(small);
  });

  it('conditions each symbol only on the codes within reach of modulator and local model', () => {
    const length = 64;
    const symbols = tensor(noise(length));
    const codes = noise(length / 4, 8);
    const changes = (position: number): number[] => {
      const changed = Int32Array.from(codes);
      changed[position] = (codes[position] + 3) % 8;
      const difference = tf.sub(
        model.nll(symbols, { codes: tensor(codes) }),
        model.nll(symbols, { codes: tensor(changed) }),
      );
      return Array.from(difference.dataSync().keys()).filter((t) => difference.dataSync()[t] !== 0);
    };
    // The modulator sees one code on each side, and layers 2 and 3 keep their conditioning for 2 + 4 steps.
    const seen = changes(8);
    expect([seen[0], seen[seen.length - 1]]).toEqual([7 * 4, 9 * 4 + 3 + 6]);
  });

  it('depends, given the codes, only on the r symbols before a prediction', () => {
    const r = model.localModel.receptiveField;
    expect(r).toBe(8);
    const codes = tf.tile<tf.Tensor2D>(tensor(noise(8, 8)), [33, 1]);
    influences((x) => model.logits(x, { codes }), 32).forEach((times, position) => {
      const after = Array.from({ length: 31 - position }, (_, index) => position + 1 + index);
      expect(times).toEqual(after.slice(0, r));
    });
  });

  it('has the same NLL in a window as in the whole, if the window holds its context', () => {
    const { past, future } = model.context;
    // Layers 2 and 3 of the local model, the code, the modulator, the encoder; the modulator, the encoder.
    expect({ past, future }).toEqual({ past: 6 + 3 + 4 + 3, future: 4 + 6 });
    const symbols = noise(160);
    const whole = model.nll(tensor(symbols)).dataSync();
    for (const [start, end] of [
      [0, 80],
      [48, 104],
      [92, 160],
    ]) {
      const part = model.nll(tensor(symbols.slice(start, end))).dataSync();
      const from = start === 0 ? 0 : past;
      const to = end === 160 ? end - start : end - start - future;
      expect(to - from).toBeGreaterThan(20);
      expectClose(part.slice(from, to), whole.slice(start + from, start + to), 1e-6);
    }
  });

  it('can replace the past, while the codes stay those of the symbols', () => {
    const [symbols, other] = [tensor(noise(80)), tensor(noise(80, 16, 'other'))];
    const codes = model.encode(symbols);
    expect(codes.dataSync()).not.toEqual(model.encode(other).dataSync());
    const expected = tf.tidy(() => {
      const logits = model.logits(other, { codes });
      return tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(symbols, 16)), 2));
    });
    expectClose(model.nll(symbols, { past: other }), expected, 1e-5);
    expectClose(model.nll(symbols, { past: symbols }), model.nll(symbols), 0);
  });

  it('needs all of its context', () => {
    // A model without quantisation, which would hide small changes.
    const nll = (x: tf.Tensor2D): tf.Tensor2D =>
      model.localModel.nll(x, { conditioning: model.modulator.apply(model.query(x)) });
    const distances = influences(nll, 48).map((times, position) => times.map((time) => position - time));
    const seen = distances.flat();
    expect(Math.min(...seen)).toBe(-model.context.past);
    expect(Math.max(...seen)).toBe(model.context.future);
  });
});
