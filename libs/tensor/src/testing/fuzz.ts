import { fold, RandomStream, type RandomKey, randomKey } from '@fermata/core';
import { loadKernels } from '@fermata/kernels';
import { expectClose, expectNoLeak } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { selectBackend } from '../backend';
import { normalTensor } from '../initialise';

/** Random choices that depend only on a name. */
export class Choices {
  private readonly stream: RandomStream;
  constructor(private readonly key: RandomKey) {
    this.stream = new RandomStream(key);
  }
  integer(least: number, most: number): number {
    return least + Math.floor(this.stream.uniform() * (most - least + 1));
  }
  one<T>(values: readonly T[]): T {
    return values[this.integer(0, values.length - 1)];
  }
  tensor<R extends tf.Rank>(name: string, shape: number[], deviation = 0.5): tf.Tensor<R> {
    return normalTensor(fold(this.key, name), shape, deviation) as tf.Tensor<R>;
  }
  symbols(shape: [number, number], count: number): tf.Tensor2D {
    const values = Int32Array.from({ length: shape[0] * shape[1] }, () => this.integer(0, count - 1));
    return tf.tensor2d(values, shape, 'int32');
  }
}

export type Operation = (inputs: tf.Tensor[]) => tf.Tensor;

/** Makes an operation and its inputs. */
export type Make = (choices: Choices) => { inputs: tf.Tensor[]; operation: Operation };

/** Value of an operation, and the gradients of its inner product with random weights. */
export function evaluate(make: Make, seed: string) {
  return tf.tidy(() => {
    const choices = new Choices(randomKey(seed));
    const { inputs, operation } = make(choices);
    const weights = choices.tensor('weights of the outputs', operation(inputs).shape);
    const { value, grads } = tf.valueAndGrads((...args: tf.Tensor[]) =>
      tf.sum(tf.mul(operation(args), weights)),
    )(inputs);
    return {
      value: operation(inputs).dataSync(),
      sum: value.dataSync()[0],
      gradients: grads.map((gradient) => gradient.dataSync()),
    };
  });
}

/**
 * Checks that `native` gives the values and gradients of the cpu backend with every instruction set; leaves the last
 * instruction set in use.
 */
export async function expectAgreement(make: Make, seed: string): Promise<void> {
  const kernels = loadKernels()!;
  await selectBackend('cpu');
  const composed = evaluate(make, seed);
  await selectBackend('native');
  for (const instructionSet of kernels.instructionSets()) {
    kernels.setInstructionSet(instructionSet);
    const fused = await expectNoLeak(() => evaluate(make, seed));
    expectClose(fused.value, composed.value, 2e-5);
    fused.gradients.forEach((gradient, index) => {
      // Compares sums over many timesteps relative to the largest value of their tensor.
      const size = Math.max(1, ...composed.gradients[index].map(Math.abs));
      expectClose(
        gradient.map((value) => value / size),
        composed.gradients[index].map((value) => value / size),
        2e-5,
      );
    });
  }
}
