import * as tf from '@tensorflow/tfjs';

export interface AdamConfig {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** What one step of Adam needs beside tensors. */
interface AdamScalars extends AdamConfig {
  readonly learningRate: number;
  /** Multiplies the gradient first: the factor of clipping. */
  readonly gradientScale: number;
  /** Steps made so far, this one included. */
  readonly step: number;
}

/** Exponential moving averages of a gradient and of its square. */
interface Moments {
  readonly first: tf.Variable;
  readonly second: tf.Variable;
}

/**
 * Adam (Kingma and Ba, 2015, algorithm 1) over weights named by path. Its moments are variables named likewise, to be
 * saved in checkpoints; the number of steps made is the caller's, who counts it anyway.
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

  /** The moments by `first/<path>` and `second/<path>`. */
  state(): ReadonlyMap<string, tf.Variable> {
    const state = new Map<string, tf.Variable>();
    for (const [path, { first, second }] of this.moments) {
      state.set(`first/${path}`, first);
      state.set(`second/${path}`, second);
    }
    return state;
  }

  /**
   * Moves the weights. A weight without a gradient stays where it is, and so do its moments.
   *
   * @param gradients by path, each of its weight's shape
   * @param step the number of this step, counted from 1
   * @param gradientScale multiplies every gradient first: the factor of clipping
   * @throws RangeError for a gradient of something that is not a weight
   */
  update(
    gradients: ReadonlyMap<string, tf.Tensor>,
    { step, learningRate, gradientScale = 1 }: { step: number; learningRate: number; gradientScale?: number },
  ): void {
    for (const [path, gradient] of gradients) {
      const weight = this.weights.get(path);
      const moments = this.moments.get(path);
      if (weight === undefined || moments === undefined)
        throw new RangeError(`Adam has no weight named ${path}`);
      updateWeight(weight, moments, gradient, { ...this.config, step, learningRate, gradientScale });
    }
  }

  dispose(): void {
    for (const { first, second } of this.moments.values()) tf.dispose([first, second]);
  }
}

/**
 * One step of Adam for one weight:
 *
 *     m ← β₁ m + (1 − β₁) g        v ← β₂ v + (1 − β₂) g²
 *     w ← w − η m̂ / (√v̂ + ε)      m̂ = m / (1 − β₁ᵗ)      v̂ = v / (1 − β₂ᵗ)
 *
 * It reads and writes nothing but its arguments, so that one fused call can stand in for it.
 */
function updateWeight(
  weight: tf.Variable,
  { first, second }: Moments,
  gradient: tf.Tensor,
  scalars: AdamScalars,
): void {
  const { beta1, beta2, epsilon, step, learningRate, gradientScale } = scalars;
  tf.tidy(() => {
    const scaled = gradientScale === 1 ? gradient : tf.mul(gradient, gradientScale);
    first.assign(tf.add(tf.mul(first, beta1), tf.mul(scaled, 1 - beta1)));
    second.assign(tf.add(tf.mul(second, beta2), tf.mul(tf.square(scaled), 1 - beta2)));
    const deviation = tf.mul(tf.sqrt(second), 1 / Math.sqrt(1 - beta2 ** step));
    const direction = tf.div(first, tf.add(deviation, epsilon));
    weight.assign(tf.sub(weight, tf.mul(direction, learningRate / (1 - beta1 ** step))));
  });
}

function zerosLike(weight: tf.Variable): tf.Variable {
  return tf.tidy(() => tf.variable(tf.zerosLike(weight), false));
}
