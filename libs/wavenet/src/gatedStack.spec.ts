import { randomKey } from '@fermata/core';
import { normalTensor, selectBackend } from '@fermata/tensor';
import { expectClose, expectNoLeak } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { GatedStack } from './gatedStack';
import type { StackConfig } from './settings';

const base: StackConfig = {
  dilations: [1, 2, 4],
  width: 2,
  channels: 4,
  gate: 3,
  skip: 5,
  padding: 'causal',
};
const key = randomKey('stack');

beforeAll(() => selectBackend('cpu'));

describe('the receptive field of a stack', () => {
  const time = 41;
  const middle = 20;

  /** Timesteps of the input for which the output in the middle has a gradient. */
  function reached(stack: GatedStack): number[] {
    const x = normalTensor(randomKey('x'), [1, time, 4]) as tf.Tensor3D;
    const gradient = tf.grad((input: tf.Tensor) =>
      tf.sum(tf.slice(stack.apply(input as tf.Tensor3D), [0, middle, 0], [1, 1, 5])),
    )(x);
    const sizes = tf.sum(tf.abs(gradient), [0, 2]).dataSync();
    return [...sizes].flatMap((size, t) => (size > 0 ? [t] : []));
  }

  it.each<[string, Partial<StackConfig>, number, number]>([
    ['causal, width 2', {}, 7, 0],
    ['causal, width 3', { width: 3 }, 14, 0],
    ['centred, width 3', { width: 3, padding: 'centred' }, 7, 7],
    ['one layer', { dilations: [3] }, 3, 0],
  ])('is exact, to the step: %s', (_, change, past, future) => {
    const stack = new GatedStack({ ...base, ...change }, key);
    expect(stack.receptiveField).toEqual({ past, future, total: past + 1 + future });
    const timesteps = reached(stack);
    expect(timesteps[0]).toBe(middle - past);
    expect(timesteps[timesteps.length - 1]).toBe(middle + future);
  });

  it('has no holes if each dilation is at most the field below it', () => {
    const timesteps = reached(new GatedStack({ ...base, width: 3, padding: 'centred' }, key));
    expect(timesteps).toEqual(Array.from({ length: 15 }, (_, i) => middle - 7 + i));
  });
});

describe('the conditioning of a stack', () => {
  let stack: GatedStack;
  let x: tf.Tensor3D;
  beforeAll(() => {
    stack = new GatedStack({ ...base, conditioning: 2 }, key);
    x = normalTensor(randomKey('x'), [2, 12, 4]) as tf.Tensor3D;
  });

  it('applies to hop timesteps each, as if repeated', () => {
    const conditioning = normalTensor(randomKey('conditioning'), [2, 3, 2]) as tf.Tensor3D;
    const repeated = tf.gather(conditioning, tf.tensor1d([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2], 'int32'), 1);
    const output = stack.apply(x, conditioning);
    expectClose(output, stack.apply(x, repeated), 1e-6);
    expect(output.shape).toEqual([2, 12, 5]);
  });

  it('must be given exactly if it is configured', () => {
    expect(() => stack.apply(x)).toThrow('conditioning of 2 channels is configured, but none is given');
    expect(() => new GatedStack(base, key).apply(x, tf.zeros([2, 3, 2]))).toThrow(
      'conditioning of shape [2, 3, 2] is given, but none is configured',
    );
    expect(() => stack.apply(x, tf.zeros([2, 5, 2]))).toThrow(
      'conditioning has 5 timesteps, which do not divide the 12 of x',
    );
    expect(() => stack.apply(x, tf.zeros([2, 3, 4]))).toThrow(
      'conditioning has shape [2, 3, 4], not [2, 3, 2]',
    );
    expect(() => stack.apply(tf.zeros([2, 12, 3]), tf.zeros([2, 3, 2]))).toThrow(
      'x of a gated stack has shape [2, 12, 3], not [batch, time, 4]',
    );
  });
});

describe('a stack', () => {
  it('names the value and the broken rule', () => {
    const make = (change: object) => (): GatedStack => new GatedStack({ ...base, ...change }, key);
    expect(make({ dilations: [] })).toThrow('stack: dilations is []. It must be a list of at least 1');
    expect(make({ dilations: [1, 0] })).toThrow('stack: dilations.1 is 0. It must be a whole number from 1.');
    expect(make({ width: 4 })).toThrow('stack: width is 4. It must be one of 2, 3.');
    expect(make({ padding: 'centred' })).toThrow('a centred convolution has an odd width, not 2');
    expect(make({ channels: 0 })).toThrow('stack: channels is 0. It must be a whole number from 1.');
    expect(make({ gate: 1.5 })).toThrow('gate is 1.5');
    expect(make({ skip: NaN })).toThrow('skip is NaN');
    expect(make({ conditioning: -1 })).toThrow('conditioning is -1');
  });

  it('depends only on the key, and its layers differ', () => {
    const kernels = (seed: number): Float32Array[] =>
      [...new GatedStack(base, randomKey(seed)).weights()]
        .filter(([path]) => path.endsWith('Kernel') || path.endsWith('/kernel'))
        .map(([, weight]) => weight.dataSync<'float32'>());
    expect(kernels(1)).toEqual(kernels(1));
    const first = kernels(1);
    expect(new Set([...first, ...kernels(2)].map(String)).size).toBe(2 * first.length);
  });

  it('leaves no tensor behind', async () => {
    const stack = new GatedStack(base, key);
    const x = tf.zeros<tf.Rank.R3>([1, 8, 4]);
    await expectNoLeak(() => {
      stack.apply(x).dispose();
    });
    await expectNoLeak(() => {
      const { value, grads } = tf.variableGrads(() => tf.sum(stack.apply(x)));
      tf.dispose([value, grads]);
    });
    await expectNoLeak(() => {
      new GatedStack({ ...base, conditioning: 2 }, key).dispose();
    });
  });
});
