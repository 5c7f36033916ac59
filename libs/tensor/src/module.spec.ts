import { expectNoLeak } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { selectBackend } from './backend';
import { Module } from './module';

class Part extends Module {
  readonly kernel = this.weight('kernel', tf.ones([2, 3]));
  readonly sums = this.stateVariable('sums', tf.zeros([4]));
}

class Whole extends Module {
  readonly first = this.child('parts/0', new Part());
  readonly second = this.child('parts/1', new Part());
  readonly bias = this.weight('bias', tf.zeros([5]));

  claim(name: string): void {
    this.weight(name, tf.zeros([1]));
  }
}

beforeAll(() => selectBackend('cpu'));

describe('Module', () => {
  it('names weights and state by path', () => {
    const whole = new Whole();
    expect([...whole.weights().keys()]).toEqual(['parts/0/kernel', 'parts/1/kernel', 'bias']);
    expect([...whole.state().keys()]).toEqual(['parts/0/sums', 'parts/1/sums']);
    expect(whole.weights().get('parts/1/kernel')).toBe(whole.second.kernel);
    expect(whole.parameterCount).toBe(6 + 6 + 5);
    expect(whole.first.kernel.trainable).toBe(true);
    expect(whole.first.sums.trainable).toBe(false);
    whole.dispose();
  });

  it('refuses a name twice', () => {
    const whole = new Whole();
    expect(() => { whole.claim('bias'); }).toThrow('the name bias is taken in this module'); // prettier-ignore
    expect(() => { whole.claim('parts/0'); }).toThrow('the name parts/0 is taken in this module'); // prettier-ignore
    whole.dispose();
  });

  it('frees all it owns, and keeps none of the initial values', async () => {
    await expectNoLeak(() => {
      new Whole().dispose();
    });
  });
});
