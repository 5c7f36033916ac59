import * as tf from '@tensorflow/tfjs';

import { expectClose, expectGradients, expectNoLeak } from './index';

beforeAll(() => {
  tf.enableProdMode(); // suppresses the banner that recommends tfjs-node
  return tf.setBackend('cpu');
});

describe('expectClose', () => {
  it('passes within the tolerance, relative above 1', () => {
    expectClose([1, 2], new Float32Array([1.0005, 2]), 0.001);
    expectClose(tf.tensor2d([[1000], [0]]), [[1000.5], [0]], 0.001);
    expectClose(Infinity, Infinity, 0);
  });

  it('says where the worst value is', () => {
    expect(() => {
      expectClose(tf.tensor2d([[1, 2], [3, 9]]), [[1, 2.1], [3, 4]], 0.01); // prettier-ignore
    }).toThrow('2 of 4 values differ by more than 0.01, most at [1, 1]: 9, not 4');
  });

  it('never takes NaN for close', () => {
    expect(() => {
      expectClose([NaN], [1], 10);
    }).toThrow('NaN, not 1');
    expect(() => {
      expectClose([1], [NaN], 10);
    }).toThrow('1, not NaN');
    expect(() => {
      expectClose([NaN], [NaN], 10);
    }).toThrow('NaN, not NaN');
    expect(() => {
      expectClose([Infinity], [1], 10);
    }).toThrow('Infinity, not 1');
  });

  it('compares shapes and lengths', () => {
    expect(() => {
      expectClose(tf.zeros([2, 1]), [[0, 0]], 1);
    }).toThrow('the shape is [2, 1], not [1, 2]');
    expect(() => {
      expectClose(new Float32Array(3), [0, 0], 1);
    }).toThrow('found 3 values, not 2');
  });
});

describe('expectGradients', () => {
  const wrong = tf.customGrad((...args) => {
    const [x, save] = args as [tf.Tensor, tf.GradSaveFunc];
    save([x]);
    return { value: tf.square(x), gradFunc: (dy: tf.Tensor, [kept]: tf.Tensor[]) => tf.mul(dy, kept) };
  });

  it('passes right gradients and catches wrong ones', () => {
    const x = tf.tensor1d([0.5, -1]);
    const y = tf.tensor1d([2, 0.3]);
    expectGradients((a, b) => tf.mul(tf.tanh(a), b), [x, y]);
    expect(() => {
      expectGradients(wrong, [x]);
    }).toThrow('the gradient of input 0');
  });
});

describe('expectNoLeak', () => {
  it('counts leaked tensors', async () => {
    expect(await expectNoLeak(() => tf.tidy(() => tf.ones([2]).dataSync()[0]))).toBe(1);
    const left: tf.Tensor[] = [];
    await expect(expectNoLeak(() => void left.push(tf.ones([2])))).rejects.toThrow('1 tensors and 1 buffers');
    tf.dispose(left);
  });
});
