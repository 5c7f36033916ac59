import { randomKey, RandomStream } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';
import { expectNoLeak } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { withShuffledPast } from './shuffledPast';

beforeAll(() => selectBackend('cpu'));

it('shuffles the past, but not the symbols', async () => {
  const stream = new RandomStream(randomKey('symbols'));
  const values = Int32Array.from({ length: 60 }, () => stream.integer(100));
  const seen: { symbols: number[]; past: number[] }[] = [];
  const model = withShuffledPast({
    hop: 4,
    context: { past: 3, future: 1 },
    nll: (symbols, { past } = {}) => {
      seen.push({ symbols: [...symbols.dataSync()], past: [...past!.dataSync()] });
      return tf.zeros([2, 30]);
    },
  });
  expect(model).toMatchObject({ hop: 4, context: { past: 3, future: 1 } });
  const symbols = tf.tensor2d(values, [2, 30], 'int32');
  await expectNoLeak(() => {
    model.nll(symbols).dispose();
    model.nll(symbols).dispose();
  });
  const [{ symbols: given, past }, again] = seen;
  expect(given).toEqual([...values]);
  expect(again.past).toEqual(past);
  for (const row of [0, 1]) {
    const [before, after] = [given, past].map((all) => all.slice(30 * row, 30 * row + 30));
    const kept = after.filter((symbol, t) => symbol === before[t]);
    expect(kept.length).toBeLessThan(8);
    expect([...after].sort()).toEqual([...before].sort());
  }
});
