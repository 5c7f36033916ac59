import { randomKey } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';
import { expectClose, expectNoLeak, testBackends } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { createQuantiser, type QuantiserConfig } from './createQuantiser';
import type { Quantiser } from './quantiser';

const key = randomKey('quantiser');

// Properties of every quantiser.
const configs: Record<string, QuantiserConfig> = {
  'a VQ': { kind: 'vq', codebookSize: 16, depth: 4, alpha: 0.9, beta: 0.25 },
  'a VQ with restarts': { kind: 'vq', codebookSize: 16, depth: 4, alpha: 0.9, beta: 0.25, restartBelow: 1 },
  'a VQ learnt by gradient': { kind: 'vq', codebookSize: 16, depth: 4, beta: 0.25, codebook: 'gradient' },
  'an AMAE': { kind: 'argmax', codebookSize: 16, diversity: { kind: 'squared-sum', nu: 0.1 }, beta: 0.1 },
  'an AMAE with softmax': {
    kind: 'argmax',
    codebookSize: 16,
    simplex: 'softmax',
    diversity: { kind: 'negative-entropy', nu: 0.1 },
  },
  'an FSQ': { kind: 'fsq', levels: [4, 2, 2] },
  'a continuous one': { kind: 'continuous', depth: 4 },
};

const cases = testBackends.flatMap((backend) =>
  Object.entries(configs).map(([name, config]) => ({ backend, name, config })),
);

describe.each(cases)('$name on $backend', ({ backend, config }) => {
  let quantiser: Quantiser;
  let query: tf.Tensor3D;
  beforeAll(() => selectBackend(backend));
  beforeEach(() => {
    quantiser = createQuantiser(config, key);
    query = tf.randomNormal([2, 20, quantiser.queryDepth], 0, 1, 'float32', 1);
    quantiser.initialise(query, key);
  });
  afterEach(() => {
    quantiser.dispose();
    query.dispose();
  });

  const values = (of: Quantiser): unknown =>
    [...of.weights(), ...of.state()].map(([path, variable]) => [path, [...variable.dataSync()]]);
  const dispose = (result: object): void => {
    tf.dispose({ ...result });
  };

  it('quantises to codes and vectors that belong together', () => {
    const result = quantiser.quantise(query);
    const { codes, quantised } = result;
    expect([codes.dtype, codes.shape, quantised.shape]).toEqual(['int32', [2, 20], [2, 20, quantiser.depth]]);
    for (const code of codes.dataSync()) {
      expect(Number.isInteger(code) && code >= 0 && code < (quantiser.codebookSize ?? 1)).toBe(true);
    }
    if (quantiser.codebookSize === null) return;
    const looked = quantiser.lookup(codes);
    expectClose(looked, quantised, 0);
    expect(Object.keys(result.metrics).sort()).toEqual(
      ['batchPerplexity', 'codesInUse', 'deadCodes', 'perplexity', 'quantisationError', 'usage'], // prettier-ignore
    );
    const histogram = Array.from({ length: quantiser.codebookSize }, () => 0);
    for (const code of codes.dataSync()) histogram[code]++;
    expectClose(result.statistics.counts, histogram, 0);
    const used = histogram.filter((count) => count > 0).length;
    expectClose(result.metrics.codesInUse, used, 0);
    expectClose(result.metrics.deadCodes, quantiser.codebookSize - used, 0);
    expectClose(result.metrics.usage, used / quantiser.codebookSize, 1e-6);
    expectClose(result.metrics.perplexity, result.metrics.batchPerplexity, 1e-5);
    dispose(result);
    looked.dispose();
  });

  it('is pure but for update, which a copy with its weights and state repeats', () => {
    const before = values(quantiser);
    const results = [0, 1].map(() => quantiser.quantise(query));
    const numbers = results.map(({ quantised, codes, losses, metrics, statistics }) =>
      Object.entries({ quantised, codes, ...losses, ...metrics, ...statistics }).map(([name, tensor]) => [
        name,
        [...tensor.dataSync()],
      ]),
    );
    expect(numbers[1]).toEqual(numbers[0]);
    expect(values(quantiser)).toEqual(before);

    const copy = createQuantiser(JSON.parse(JSON.stringify(config)) as QuantiserConfig, randomKey('other'));
    quantiser.update(results[0].statistics, key);
    for (const variables of ['weights', 'state'] as const) {
      for (const [path, variable] of copy[variables]()) variable.assign(quantiser[variables]().get(path)!);
    }
    for (const each of [quantiser, copy]) {
      const { statistics } = each.quantise(query);
      each.update(statistics, key);
    }
    expect(values(copy)).toEqual(values(quantiser));
    if (quantiser.codebookSize !== null) expect(values(quantiser)).not.toEqual(before);
    copy.dispose();
    results.forEach(dispose);
  });

  it('frees what it makes', async () => {
    await expectNoLeak(() => {
      quantiser.initialise(query, key);
      const result = quantiser.quantise(query);
      quantiser.update(result.statistics, key);
      if (quantiser.codebookSize !== null) quantiser.lookup(result.codes).dispose();
      dispose(result);
      tf.dispose(
        tf.grad((x: tf.Tensor) => {
          const { quantised, losses } = quantiser.quantise(x as tf.Tensor3D);
          return tf.addN([tf.sum(quantised), ...Object.values(losses)]);
        })(query),
      );
    });
    const before = tf.memory().numTensors;
    createQuantiser(config, key).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses queries of another shape', () => {
    const wrong = tf.zeros<tf.Rank.R3>([1, 2, quantiser.queryDepth + 1]);
    expect(() => quantiser.quantise(wrong)).toThrow(
      `query has shape [1, 2, ${quantiser.queryDepth + 1}], not [batch, time, ${quantiser.queryDepth}]`,
    );
  });
});

it('lists the known kinds', () => {
  expect(() => createQuantiser({ kind: 'rvq' } as unknown as QuantiserConfig, key)).toThrow(
    'quantiser: kind is "rvq". It must be one of "vq", "argmax", "fsq", "continuous". Did you mean vq?',
  );
});
