import * as tf from '@tensorflow/tfjs';

import type { Trainable } from '../trainable';

/**
 * Polyak average of weights: an exponential moving average that starts at the initial weights. Its decay is warmed up
 * instead of debiased,
 *
 *     a ← a + (1 − d) (w − a),      d = min(decay, (1 + t) / (10 + t))
 *
 * after step t = 1, 2, …, in the same pass as the optimiser. The average covers about the last tenth of the run until
 * `1 / (1 − decay)` steps are less than that. A short run is thus averaged over its end, where a debiased average would
 * include its whole beginning.
 */
export class PolyakAverage {
  private readonly averages = new Map<string, tf.Variable>();

  constructor(
    weights: ReadonlyMap<string, tf.Variable>,
    private readonly decay: number,
  ) {
    for (const [path, weight] of weights) this.averages.set(path, tf.variable(weight, false));
  }

  /** Averaged weights by path. */
  state(): ReadonlyMap<string, tf.Variable> {
    return this.averages;
  }

  /** Equals 1 − d, the share of a weight that enters its average after a step, counted from 1. */
  shareAt(step: number): number {
    return 1 - Math.min(this.decay, (1 + step) / (10 + step));
  }

  dispose(): void {
    tf.dispose([...this.averages.values()]);
  }
}

/**
 * Calls `fn` while the model's weights have other values, such as their Polyak average, and restores them afterwards,
 * even on failure.
 *
 * @param values by path, for all or some of the weights
 * @throws RangeError if the model has no weight of a given path
 */
export async function withWeights<T>(
  model: Pick<Trainable, 'weights'>,
  values: ReadonlyMap<string, tf.Tensor>,
  fn: () => T | Promise<T>,
): Promise<T> {
  const weights = model.weights();
  const own = new Map<string, tf.Tensor>();
  try {
    for (const [path, value] of values) {
      const weight = weights.get(path);
      if (weight === undefined) throw new RangeError(`withWeights: the model has no weight named ${path}`);
      own.set(path, tf.keep(tf.clone(weight)));
      weight.assign(value);
    }
    return await fn();
  } finally {
    for (const [path, value] of own) weights.get(path)!.assign(value);
    tf.dispose([...own.values()]);
  }
}
