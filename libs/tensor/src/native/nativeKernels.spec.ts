import { randomKey } from '@fermata/core';
import { loadKernels } from '@fermata/kernels';
import * as tf from '@tensorflow/tfjs';

import { selectBackend } from '../backend';
import { oneHot } from '../ops/oneHot';
import { Choices, expectAgreement, type Make } from '../testing/fuzz';

const kernels = loadKernels();
const describeNative = kernels === undefined ? describe.skip : describe;

const operations: Record<string, Make> = {
  'sums and means'(choices) {
    const x = choices.tensor('x', [choices.integer(1, 4), choices.integer(1, 40), choices.integer(1, 30)]);
    const axis = choices.one<undefined | number | number[]>([undefined, 0, 1, 2, [0, 1], [1, 2], [0, 2]]);
    const keepDims = choices.one([true, false]);
    const reduce = choices.one([tf.sum, tf.mean]);
    return { inputs: [x], operation: ([input]) => reduce(input, axis, keepDims) };
  },
  'softmax and ReLU'(choices) {
    const x = choices.tensor(
      'x',
      [choices.integer(1, 3), choices.integer(1, 40), choices.integer(1, 300)],
      9,
    );
    return { inputs: [x], operation: ([input]) => tf.add(tf.softmax(input), tf.relu(input)) };
  },
  'choices, rows and slices'(choices) {
    const shape = [choices.integer(1, 4), choices.integer(1, 20), choices.integer(1, 40)];
    const begin = shape.map((size) => choices.integer(0, size - 1));
    const size = shape.map((extent, axis) => choices.one([-1, choices.integer(1, extent - begin[axis])]));
    const rows = choices.symbols([3, 7], shape[0]);
    const isLarge = tf.greater(choices.tensor('condition', [...shape.slice(0, 2), 1]), 0);
    return {
      inputs: [choices.tensor('x', shape), choices.tensor('y', shape)],
      operation: ([x, y]) => {
        const chosen = tf.where(isLarge, x, y);
        const gathered = tf.gather(tf.mul(chosen, tf.cast(isLarge, 'float32')), rows);
        const part = tf.slice(x, begin, size);
        return tf.concat([tf.reshape(gathered, [-1]), tf.reshape(part, [-1]), tf.reshape(chosen, [-1])]);
      },
    };
  },
};

describeNative('the kernels of tfjs that are replaced agree with the cpu backend’s', () => {
  const best = kernels?.instructionSet() ?? '';
  afterEach(() => {
    kernels!.setInstructionSet(best);
  });

  it.each(Object.entries(operations))('%s, with gradients', async (name, make) => {
    for (let trial = 0; trial < 12; trial++) await expectAgreement(make, `${name} ${trial}`);
  });

  it('rounds halves to the even number, as tfjs does', async () => {
    await selectBackend('native');
    const rounded = tf.tidy(() => tf.round(tf.tensor1d([-2.5, -1.5, -0.4, 0.5, 1.5, 2.5, NaN])).dataSync());
    expect(Array.from(rounded, Math.abs)).toEqual([2, 2, 0, 0, 2, 2, NaN]);
  });

  it('types that change, slices and one-hot vectors of whole numbers', async () => {
    for (let trial = 0; trial < 8; trial++) {
      const compute = () =>
        tf.tidy(() => {
          const choices = new Choices(randomKey(`whole ${trial}`));
          const indices = choices.symbols([choices.integer(2, 5), choices.integer(20, 90)], 12);
          const part = tf.slice(indices, [choices.integer(0, 1), choices.integer(0, 5)]);
          const real = tf.mul(tf.cast(part, 'float32'), -1.7);
          const whole = tf.cast(real, 'int32');
          return [part, real, whole, tf.cast(tf.greater(whole, -9), 'float32'), oneHot(indices, 9)].map(
            (tensor) => tensor.dataSync(),
          );
        });
      await selectBackend('cpu');
      const composed = compute();
      await selectBackend('native');
      compute().forEach((values, index) => {
        expect(Array.from(values)).toEqual(Array.from(composed[index]));
      });
    }
  });
});
