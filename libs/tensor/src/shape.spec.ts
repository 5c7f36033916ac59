import * as tf from '@tensorflow/tfjs';

import { selectBackend } from './backend';
import { assertInteger, assertShape } from './shape';

beforeAll(() => selectBackend('cpu'));

describe('assertShape', () => {
  it('takes sizes and names', () => {
    assertShape(tf.zeros([2, 3]), [2, 3], 'x');
    assertShape(tf.zeros([2, 3]), ['batch', 3], 'x');
    assertShape(tf.zeros([4, 4]), ['n', 'n'], 'x');
    assertShape(tf.scalar(1), [], 'x');
  });

  it('prints the actual and the expected shape', () => {
    const x = tf.zeros([2, 3]);
    expect(() => { assertShape(x, [2, 4], 'query'); }).toThrow(new RangeError('query has shape [2, 3], not [2, 4]')); // prettier-ignore
    expect(() => { assertShape(x, ['n', 'n'], 'query'); }).toThrow('query has shape [2, 3], not [n, n]'); // prettier-ignore
    expect(() => { assertShape(x, [2], 'query'); }).toThrow('query has shape [2, 3], not [2]'); // prettier-ignore
  });
});

describe('assertInteger', () => {
  it('takes integers from the least on', () => {
    assertInteger(0, 0, 'steps');
    for (const value of [0, 1.5, NaN, Infinity, -1]) {
      expect(() => { assertInteger(value, 1, 'hop'); }).toThrow(`hop is ${value}, but must be an integer of at least 1`); // prettier-ignore
    }
  });
});
