import { adamStep } from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';

import type { PolyakAverage } from './polyak';

export interface AdamConfig {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Input of one step. */
export interface AdamUpdate {
  readonly step: number;
  readonly learningRate: number;
  readonly gradientScale?: number;
  readonly average?: PolyakAverage | undefined;
}

/** Exponential moving averages of a gradient and of its square. */
interface Moments {
  readonly first: tf.Variable;
  readonly second: tf.Variable;
}

/**
 * Adam (Kingma and Ba, 2015, algorithm 1) over weights named by path. Its moments are variables with the same names, to
 * be saved in checkpoints. The caller counts the steps.
 */
export class Adam {
  private readonly moments = new Map<string, Moments>();

  constructor(
    private readonly weights: ReadonlyMap<string, tf.Variable>,
    private readonly config: AdamConfig,
  ) {
    for (const [path, weight] of weights)
      this.moments.set(path, { first: zerosLike(weight), second: zerosLike(weight) });
  }

  /** Moments by `first/<path>` and `second/<path>`. */
  state(): ReadonlyMap<string, tf.Variable> {
    const state = new Map<string, tf.Variable>();
    for (const [path, { first, second }] of this.moments) {
      state.set(`first/${path}`, first);
      state.set(`second/${path}`, second);
    }
    return state;
  }

  /**
   * Updates the weights. A weight without a gradient stays unchanged, and so do its moments.
   *
   * @param gradients by path, each in the shape of its weight
   * @param step number of this step, from 1
   * @param gradientScale clipping factor, applied to every gradient first
   * @param average Polyak average of the weights, updated with them
   * @throws RangeError if a gradient belongs to no weight
   */
  update(
    gradients: ReadonlyMap<string, tf.Tensor>,
    { step, learningRate, gradientScale = 1, average }: AdamUpdate,
  ): void {
    const { beta1, beta2, epsilon } = this.config;
    const scalars = {
      beta1,
      beta2,
      epsilon,
      gradientScale,
      stepSize: learningRate / (1 - beta1 ** step),
      deviationScale: 1 / Math.sqrt(1 - beta2 ** step),
      averageShare: average === undefined ? 0 : average.shareAt(step),
    };
    for (const [path, gradient] of gradients) {
      const weight = this.weights.get(path);
      const moments = this.moments.get(path);
      if (weight === undefined || moments === undefined)
        throw new RangeError(`Adam has no weight named ${path}`);
      adamStep({ weight, ...moments, average: average?.state().get(path) }, gradient, scalars);
    }
  }

  dispose(): void {
    for (const { first, second } of this.moments.values()) tf.dispose([first, second]);
  }
}

function zerosLike(weight: tf.Variable): tf.Variable {
  return tf.tidy(() => tf.variable(tf.zerosLike(weight), false));
}
