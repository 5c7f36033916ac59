import * as tf from '@tensorflow/tfjs';

import { globalNorm } from './optimiser/clip';
import type { Trainable } from './trainable';

/** Result of one batch: everything that a step needs. The caller disposes of the tensors. */
export interface BatchGradients {
  /** Gradients by the path of the weight, for the weights that the loss depends on. */
  readonly gradients: ReadonlyMap<string, tf.Tensor>;
  readonly statistics: tf.NamedTensorMap;
  /** Names of the values in `scalars`: `loss`, each metric, `gradientNorm`. */
  readonly names: readonly string[];
  /** All scalars of the batch in one tensor `[names]`, so that one read fetches them from the device. */
  readonly scalars: tf.Tensor1D;
}

/**
 * Computes the loss of a batch, its gradients, and the model's other metrics.
 *
 * @param batch int32 symbols `[batch, time]`
 * @throws RangeError if a metric has a reserved name
 */
export function computeGradients(model: Trainable, batch: tf.Tensor2D): BatchGradients {
  const weights = model.weights();
  const reported: { names: string[]; scalars: tf.Scalar[]; statistics: tf.NamedTensorMap } = {
    names: [],
    scalars: [],
    statistics: {},
  };
  // The tape disposes of every tensor made under it except the loss and kept tensors. Copies are kept, so the model may
  // report the same tensor twice, or one that it does not own.
  const keepCopy = <T extends tf.Tensor>(tensor: T): T => tf.keep(tf.clone(tensor));
  const { value, grads } = tf.variableGrads(() => {
    const { loss, metrics, statistics = {} } = model.loss(batch);
    for (const [name, metric] of Object.entries({ loss, ...metrics })) {
      if (name === gradientNorm) throw new RangeError(`a metric cannot be named ${name}`);
      reported.names.push(name);
      reported.scalars.push(keepCopy(tf.cast(metric, 'float32')));
    }
    for (const [name, tensor] of Object.entries(statistics)) reported.statistics[name] = keepCopy(tensor);
    return loss;
  }, [...weights.values()]);
  const gradients = new Map<string, tf.Tensor>();
  for (const [path, { name }] of weights) {
    if (name in grads) gradients.set(path, grads[name]);
  }
  const scalars = tf.tidy(() =>
    tf.stack([...reported.scalars, globalNorm(gradients.values())]),
  ) as tf.Tensor1D;
  tf.dispose([value, ...reported.scalars]);
  return { gradients, statistics: reported.statistics, names: [...reported.names, gradientNorm], scalars };
}

const gradientNorm = 'gradientNorm';
