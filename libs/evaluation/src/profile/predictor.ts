import { fold, type RandomKey } from '@fermata/core';
import type { SequenceModel } from '@fermata/models';
import {
  addBias,
  assertInteger,
  headNll,
  Module,
  normalTensor,
  oneHotConvolution,
  uniformKernel,
} from '@fermata/tensor';
import type { LossResult, Trainable } from '@fermata/training';
import * as tf from '@tensorflow/tfjs';

/** The sizes of the simple predictive model. */
export interface PredictorConfig {
  /** Size of the alphabet: symbols are 0 … symbols − 1. */
  readonly symbols: number;
  /** Number of past symbols in its context, r, from 1. */
  readonly receptiveField: number;
  /** Units of both hidden layers. The paper does not state the number. */
  readonly hidden: number;
}

// Deviation of the kernel's initial values: small, so that the sum over r random rows does not hide what is learnt.
const initialDeviation = 0.1;

/**
 * Simple predictive model of section 4.2: "a 3-layer model with a causal convolution of length r in the first layer,
 * followed by a ReLU nonlinearity, and then two more linear layers with a ReLU nonlinearity in between". With one-hot
 * inputs, each tap of the convolution picks a row of its own table:
 *
 *   a[t] = Σ_{d=1…r} kernel[r − d, x[t − d]] / d + bias
 *   logits[t] = ReLU(ReLU(a[t]) · hiddenKernel + hiddenBias) · logitsKernel + logitsBias
 *
 * Dividing by the distance d does not change which functions the model can represent, only how fast each tap learns.
 * Without it, Adam moves r rows of the sum by its learning rate at once: the larger r, the longer the noise of far taps
 * hides what near taps have learnt. Taps before the first symbol add nothing.
 */
export class Predictor extends Module implements Trainable, SequenceModel {
  readonly hop = 1;
  readonly context: { readonly past: number; readonly future: number };
  /** `[r, symbols, hidden]`; the last tap covers the symbol just before. */
  readonly kernel: tf.Variable<tf.Rank.R3>;
  readonly bias: tf.Variable<tf.Rank.R1>;
  readonly hiddenKernel: tf.Variable<tf.Rank.R2>;
  readonly hiddenBias: tf.Variable<tf.Rank.R1>;
  readonly logitsKernel: tf.Variable<tf.Rank.R2>;
  readonly logitsBias: tf.Variable<tf.Rank.R1>;

  /**
   * @param trainedFrom first position of an excerpt that counts in the loss: r or more, and the same for all receptive
   *   fields of a profile, so that they train on the same positions
   * @throws RangeError with the value and the rule that it breaks
   */
  constructor(
    readonly config: PredictorConfig,
    key: RandomKey,
    private readonly trainedFrom = config.receptiveField,
  ) {
    super();
    const { symbols, receptiveField, hidden } = config;
    assertInteger(symbols, 2, 'symbols');
    assertInteger(receptiveField, 1, 'receptiveField');
    assertInteger(hidden, 1, 'hidden');
    assertInteger(trainedFrom, receptiveField, 'trainedFrom');
    this.context = { past: receptiveField, future: 0 };
    const table = [receptiveField, symbols, hidden];
    this.kernel = this.weight(
      'kernel',
      normalTensor(fold(key, 'kernel'), table, initialDeviation) as tf.Tensor3D,
    );
    this.bias = this.weight('bias', tf.zeros<tf.Rank.R1>([hidden]));
    const linear = (name: string, shape: readonly number[], gain: number): tf.Variable<tf.Rank.R2> =>
      this.weight(name, uniformKernel(fold(key, name), shape, gain) as tf.Tensor2D);
    this.hiddenKernel = linear('hiddenKernel', [hidden, hidden], 2);
    this.hiddenBias = this.weight('hiddenBias', tf.zeros<tf.Rank.R1>([hidden]));
    this.logitsKernel = linear('logitsKernel', [hidden, symbols], 1);
    this.logitsBias = this.weight('logitsBias', tf.zeros<tf.Rank.R1>([symbols]));
  }

  /**
   * NLL of each symbol given the r symbols before it, in nats.
   *
   * @param symbols int32 `[batch, time]`
   * @returns `[batch, time]`
   */
  nll(symbols: tf.Tensor2D): tf.Tensor2D {
    return this.nllFrom(symbols, 0);
  }

  /**
   * Mean NLL of the positions from `trainedFrom` on, in nats: earlier positions lack part of their context.
   *
   * @param batch int32 `[batch, time]`; time exceeds `trainedFrom`
   */
  loss(batch: tf.Tensor2D): LossResult {
    assertInteger(batch.shape[1], this.trainedFrom + 1, 'time of a batch');
    return tf.tidy(() => {
      const loss = tf.mean<tf.Scalar>(this.nllFrom(batch, this.trainedFrom));
      return { loss, metrics: { nll: tf.clone(loss) } };
    });
  }

  /** NLL of the positions from `from` on: `[batch, time − from]`. */
  private nllFrom(symbols: tf.Tensor2D, from: number): tf.Tensor2D {
    const [batch, time] = symbols.shape;
    return tf.tidy(() => {
      const sums = addBias(oneHotConvolution(symbols, this.kernel, from), this.bias);
      // Applies two more linear layers, each after a ReLU: the same as the head of a WaveNet.
      return headNll(sums, this, tf.slice(symbols, [0, from], [batch, time - from]));
    });
  }
}
