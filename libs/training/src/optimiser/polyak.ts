import * as tf from '@tensorflow/tfjs';

import type { Trainable } from '../trainable';

/**
 * The Polyak average of weights: an exponential moving average that starts at the initial weights and whose decay is
 * warmed up instead of debiased,
 *
 *     a ← a + (1 − d) (w − a),      d = min(decay, (1 + t) / (10 + t))
 *
 * after step t = 1, 2, …, in the same pass as the optimiser. So it looks back over about a tenth of the run until `1 / (1 − decay)` steps are less than
 * that: a short run is averaged over its end, where a debiased average would weigh its whole beginning in.
 */
export class PolyakAverage {
  private readonly averages = new Map<string, tf.Variable>();

  constructor(
    weights: ReadonlyMap<string, tf.Variable>,
    private readonly decay: number,
  ) {
    for (const [path, weight] of weights) this.averages.set(path, tf.variable(weight, false));
  }

  /** The averaged weights by path. */
  state(): ReadonlyMap<string, tf.Variable> {
    return this.averages;
  }

  /** 1 − d, how much of a weight enters its average after a step, counted from 1. */
  shareAt(step: number): number {
    return 1 - Math.min(this.decay, (1 + step) / (10 + step));
  }

  dispose(): void {
    tf.dispose([...this.averages.values()]);
  }
}

/**
 * Calls `fn` while the model's weights have other values, such as their Polyak average, and puts their own back
 * afterwards, also when it fails.
 *
 * @param values by path, for all of the weights or some
 * @throws RangeError for a path that the model has no weight for
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
