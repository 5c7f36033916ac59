import { fold, Hyperparameter, normals, RandomStream, randomKey } from '@fermata/core';
import type { RandomKey } from '@fermata/core';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';

import type { TrainingConfig } from '../config/trainingConfig';
import type { LossResult, Trainable } from '../trainable';

const symbols = 5;

/**
 * Predicts each symbol from the previous one. `update` moves its codebook, which counts symbols with some noise and
 * biases the prediction, so that a run which loses state or keys ends at different weights.
 */
export class SoftmaxRegression implements Trainable {
  private readonly kernel = variable(() =>
    tf.tensor2d(normals(randomKey('kernel'), symbols ** 2), [symbols, symbols]),
  );
  private readonly bias = variable(() => tf.zeros<tf.Rank.R1>([symbols]));
  private readonly codebook = variable(() => tf.ones<tf.Rank.R1>([symbols]), false);
  private readonly weightOfPenalty = new Hyperparameter(z.number().min(0), 0.01);

  weights(): ReadonlyMap<string, tf.Variable> {
    return new Map<string, tf.Variable>([
      ['softmax/kernel', this.kernel],
      ['softmax/bias', this.bias],
    ]);
  }

  state(): ReadonlyMap<string, tf.Variable> {
    return new Map([['codebook', this.codebook]]);
  }

  hyperparameters(): ReadonlyMap<string, Hyperparameter> {
    return new Map([['penalty', this.weightOfPenalty]]);
  }

  loss(batch: tf.Tensor2D): LossResult {
    const [rows, time] = batch.shape;
    const count = rows * (time - 1);
    const from = tf.oneHot(tf.reshape(tf.slice(batch, [0, 0], [rows, time - 1]), [count]), symbols);
    const to = tf.oneHot(tf.reshape(tf.slice(batch, [0, 1], [rows, time - 1]), [count]), symbols);
    const logits = tf.add(tf.add(tf.matMul(tf.cast(from, 'float32'), this.kernel), this.bias), this.codebook);
    const likelihood = tf.sum(tf.mul(tf.cast(to, 'float32'), tf.logSoftmax(logits)), -1);
    const nll = tf.neg(tf.mean<tf.Scalar>(likelihood));
    const penalty: tf.Scalar = tf.mul(tf.sum(tf.square(this.bias)), this.weightOfPenalty.value);
    return { loss: tf.add(nll, penalty), metrics: { nll, penalty }, statistics: { counts: tf.mean(to, 0) } };
  }

  update({ counts }: tf.NamedTensorMap, key: RandomKey): void {
    tf.tidy(() => {
      const noisy = tf.add(counts, tf.mul(tf.tensor1d(normals(key, symbols)), 0.01));
      this.codebook.assign(tf.add(tf.mul(this.codebook, 0.9), tf.mul(noisy as tf.Tensor1D, 0.1)));
    });
  }

  initialise(batch: tf.Tensor2D, key: RandomKey): void {
    tf.tidy(() => {
      const mean = tf.mean(tf.cast(batch, 'float32'));
      this.codebook.assign(tf.add(tf.mul(tf.tensor1d(normals(key, symbols)), 0.1), mean));
    });
  }

  dispose(): void {
    tf.dispose([this.kernel, this.bias, this.codebook]);
  }
}

function variable<R extends tf.Rank>(initial: () => tf.Tensor<R>, trainable = true): tf.Variable<R> {
  return tf.tidy(() => tf.variable(initial(), trainable));
}

/** Symbols that mostly count up by one: a learnable pattern. */
export function countingBatch({
  batchSize,
  cropLength,
}: TrainingConfig): (step: number, key: RandomKey) => Int32Array {
  return (_, key) => {
    const batch = new Int32Array(batchSize * cropLength);
    for (let row = 0; row < batchSize; row++) {
      const stream = new RandomStream(fold(key, row));
      let symbol = stream.integer(symbols);
      for (let time = 0; time < cropLength; time++) {
        batch[row * cropLength + time] = symbol;
        symbol = stream.uniform() < 0.8 ? (symbol + 1) % symbols : stream.integer(symbols);
      }
    }
    return batch;
  };
}
