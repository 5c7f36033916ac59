import { randomKey } from '@fermata/core';
import { expectClose, expectNoLeak } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { selectBackend } from './backend';
import { normalTensor } from './initialise';

/** Computes on the cpu backend and on wasm, and compares the results. */
async function expectSame(compute: () => tf.Tensor | tf.Tensor[], tolerance = 0): Promise<void> {
  const results: { shape: number[]; values: unknown }[][] = [];
  for (const backend of ['cpu', 'wasm']) {
    await selectBackend(backend);
    await expectNoLeak(() => {
      tf.tidy(() => {
        const tensors = [compute()].flat();
        results.push(tensors.map((tensor) => ({ shape: tensor.shape, values: tensor.arraySync() })));
      });
    });
  }
  results[0].forEach(({ shape, values }, index) => {
    expect(results[1][index].shape).toEqual(shape);
    expectClose(results[1][index].values as number[], values as number[], tolerance);
  });
}

const random = (shape: number[]): tf.Tensor => normalTensor(randomKey('x'), shape);

describe('the wasm backend agrees with the cpu backend about', () => {
  it('tanh, wherever it is', async () => {
    const values = [-Infinity, -1e30, -90, -9, -1, -1e-3, -0, 0, 1e-6, 0.5, 3, 20, 100, Infinity];
    await expectSame(() => tf.tanh(tf.tensor1d(values)), 1e-6);
    await expectSame(() => tf.tanh(random([70, 33])), 1e-6);
    await selectBackend('wasm');
    expect(tf.tanh(tf.scalar(NaN)).dataSync()[0]).toBeNaN();
  });

  it('transposition, of matrices and of others', async () => {
    for (const shape of [
      [1, 1],
      [1, 7],
      [7, 1],
      [16, 16],
      [17, 5],
      [5, 33],
      [100, 70],
    ]) {
      // prettier-ignore
      await expectSame(() => tf.transpose(random(shape)));
    }
    await expectSame(() => tf.transpose(random([3, 4]), [0, 1]));
    await expectSame(() => tf.transpose(random([3, 4, 5]), [1, 0, 2]));
    await expectSame(() => tf.transpose(tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3], 'int32')));
    await expectSame(() => tf.transpose(tf.zeros([0, 3])));
  });

  it('gathering and its gradient', async () => {
    const indices = (): tf.Tensor => tf.tensor2d([4, 0, 4, 4, 2, 1], [2, 3], 'int32');
    await expectSame(() => tf.gather(random([5, 3]), indices()));
    await expectSame(() => tf.gather(random([5]), indices()));
    await expectSame(() => tf.gather(random([5, 2, 2]), indices()));
    await expectSame(() => tf.gather(random([3, 5]), indices(), 1));
    await expectSame(() => tf.grad((x) => tf.sum(tf.square(tf.gather(x, indices()))))(random([6, 3])), 1e-6);
    await expectSame(
      () => tf.unsortedSegmentSum(random([4, 2]), tf.tensor1d([1, -1, 1, 2], 'int32'), 5),
      1e-6,
    );
    await selectBackend('wasm');
    expect(() => tf.gather(random([5, 3]), tf.tensor1d([5], 'int32'))).toThrow('the index 5 is not in 0 … 4');
  });

  it('copies, which share their data until the last is freed', async () => {
    await selectBackend('wasm');
    await expectNoLeak(() => {
      const first = random([3]);
      const second = tf.clone(first);
      const values = first.dataSync();
      first.dispose();
      expectClose(second, values, 0);
      const variable = tf.variable(second);
      second.dispose();
      const third = tf.add(variable, 1);
      variable.assign(third);
      third.dispose();
      expectClose(variable, values.map((value) => value + 1), 1e-6); // prettier-ignore
      variable.dispose();
    });
  });
});
