import { randomKey } from '@fermata/core';
import { loadKernels } from '@fermata/kernels';
import { expectNoLeak } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { selectBackend } from '../backend';
import { normalTensor } from '../initialise';
import { dense } from '../ops/convolution';
import { gatedStack } from '../ops/gatedStack';
import { headNll } from '../ops/headNll';
import { divisiveNormalisation } from '../ops/quantise';
import { meanPool, repeat } from '../ops/resample';
import { embeddingLookup, scalarInput } from '../ops/symbolInput';

const describeNative = loadKernels() === undefined ? describe.skip : describe;

// Large enough to be kept: 256 timesteps of 64 channels.
const [time, channels, alphabet] = [256, 64, 256];

function random<R extends tf.Rank>(name: string, shape: number[]): tf.Tensor<R> {
  return normalTensor(randomKey(name), shape, 0.3) as tf.Tensor<R>;
}

/** Fills the memory that operations will receive with NaN. */
function fillFreeMemory(): void {
  for (const size of [time * channels, time * alphabet, alphabet * channels, channels * 2 * channels * 2]) {
    for (let copy = 0; copy < 6; copy++) tf.dispose(tf.add(tf.fill([size], NaN), 1));
    const kept = Array.from({ length: 6 }, () => tf.add(tf.fill([size], NaN), 1));
    tf.dispose(kept);
  }
}

const weights = (): tf.Tensor[] => [
  random('x', [1, time, channels]),
  random('kernel', [2, channels, 2 * channels]),
  random('bias', [2 * channels]),
  random('skip', [channels, channels]),
  random('skip bias', [channels]),
];

const operations: Record<
  string,
  { inputs: () => tf.Tensor[]; compute: (...inputs: tf.Tensor[]) => tf.Tensor }
> = {
  gatedStack: {
    inputs: weights,
    compute: (x, kernel, bias, skipKernel, skipBias) =>
      gatedStack(x as tf.Tensor3D, [{ kernel, bias, skipKernel, skipBias } as never], {
        dilations: [3],
        padding: 'causal',
      }),
  },
  headNll: {
    inputs: () => [
      random('skips', [1, time, channels]),
      random('hidden', [channels, alphabet]),
      random('hidden bias', [alphabet]),
      random('logits', [alphabet, alphabet]),
      random('logits bias', [alphabet]),
    ],
    compute: (skips, hiddenKernel, hiddenBias, logitsKernel, logitsBias) =>
      headNll(
        skips as tf.Tensor3D,
        { hiddenKernel, hiddenBias, logitsKernel, logitsBias } as never,
        symbols(),
      ),
  },
  embeddingLookup: {
    inputs: () => [random('table', [alphabet, channels])],
    compute: (table) => embeddingLookup(symbols(), table as tf.Tensor2D, 2),
  },
  scalarInput: {
    inputs: () => [random('scalar kernel', [1, channels]), random('scalar bias', [channels])],
    compute: (kernel, bias) => scalarInput(symbols(), 128, kernel as tf.Tensor2D, bias as tf.Tensor1D, 2),
  },
  dense: {
    inputs: () => [random('x', [1, time, channels]), random('dense', [channels, alphabet])],
    compute: (x, kernel) => dense(x as tf.Tensor3D, kernel as tf.Tensor2D),
  },
  meanPool: {
    inputs: () => [random('long', [1, 8 * time, channels])],
    compute: (x) => meanPool(x as tf.Tensor3D, 8),
  },
  repeat: {
    inputs: () => [random('short', [1, time / 8, channels])],
    compute: (x) => repeat(x as tf.Tensor3D, 8),
  },
  divisiveNormalisation: {
    inputs: () => [random('queries', [1, time, alphabet])],
    compute: (x) => divisiveNormalisation(x as tf.Tensor3D, 1e-5),
  },
  'elementwise operations, sums and products': {
    inputs: () => [random('a', [time, channels]), random('b', [time, channels])],
    compute: (a, b) => tf.matMul(tf.exp(tf.mul(a, b)), tf.transpose(tf.sub(a, tf.max(b, 1, true)))),
  },
};

function symbols(): tf.Tensor2D {
  return tf.tensor2d(
    Int32Array.from({ length: time }, (_, t) => (37 * t) % alphabet),
    [1, time],
    'int32',
  );
}

/** Value, and the gradients of its sum of squares. */
function evaluate({ inputs, compute }: (typeof operations)[string]): tf.TypedArray[] {
  return tf.tidy(() => {
    const loss = (...args: tf.Tensor[]): tf.Scalar => tf.sum(tf.square(compute(...args)));
    const { value, grads } = tf.valueAndGrads(loss)(inputs());
    return [value, compute(...inputs()), ...grads].map((tensor) => tensor.dataSync());
  });
}

describeNative('memory that is used again', () => {
  beforeAll(() => selectBackend('native'));

  it.each(Object.keys(operations))('%s writes its whole memory', (name) => {
    const fresh = evaluate(operations[name]);
    fillFreeMemory();
    expect(evaluate(operations[name])).toEqual(fresh);
  });

  const parts: Record<string, (made: tf.Tensor) => tf.Tensor> = {
    'a clone': (made) => tf.clone(made),
    'another shape': (made) => tf.reshape(made, [-1]),
    'a slice': (made) => tf.slice(made, [1, 0], [2, -1]),
  };

  it.each(Object.keys(parts))('is not taken from a tensor that survives as %s', (name) => {
    const x = random('x', [time, channels]);
    const made = tf.add(x, 1);
    const part = parts[name](made);
    const expected = part.dataSync();
    tf.dispose(made);
    fillFreeMemory();
    expect(part.dataSync()).toEqual(expected);
    tf.dispose([x, part]);
  });

  it('is not an array of the caller', () => {
    const mine = new Float32Array(time * channels).fill(2);
    tf.dispose(tf.tensor(mine));
    const other = tf.add(tf.zeros([time * channels]), 1);
    expect(mine[0]).toBe(2);
    other.dispose();
  });

  it('stays within the needs of steps', async () => {
    const step = (): void => {
      evaluate(operations.gatedStack);
    };
    step();
    const before = process.memoryUsage().arrayBuffers;
    for (let repetition = 0; repetition < 20; repetition++) step();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * time * channels * 4);
    await expectNoLeak(step);
  });

  it('suffices for the tensors of a large model', () => {
    const sizes = Array.from({ length: 300 }, (_, index) => 16384 + index);
    const tensorsOf = (): void => {
      tf.dispose(sizes.map((size) => tf.add(tf.zeros([size]), 1)));
    };
    tensorsOf();
    const kernels = loadKernels()!;
    const allocate = jest.spyOn(kernels, 'allocate');
    for (let repetition = 0; repetition < 3; repetition++) tensorsOf();
    expect(allocate).not.toHaveBeenCalled();
    // … and is freed after a long time without use.
    for (let other = 0; other < 5000; other++) tf.dispose(tf.neg(tf.zeros([20000])));
    tensorsOf();
    expect(allocate.mock.calls.length).toBeGreaterThanOrEqual(sizes.length);
    allocate.mockRestore();
  });
});
