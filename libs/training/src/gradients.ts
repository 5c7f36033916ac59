import * as tf from '@tensorflow/tfjs';

import { globalNorm } from './optimiser/clip';
import type { Trainable } from './trainable';

/** What one batch gives: all that a step needs. The caller disposes the tensors. */
export interface BatchGradients {
  /** By the path of the weight, for the weights that the loss depends on. */
  readonly gradients: ReadonlyMap<string, tf.Tensor>;
  readonly statistics: tf.NamedTensorMap;
  /** What `scalars` holds: `loss`, each metric, `gradientNorm`. */
  readonly names: readonly string[];
  /** All scalars of the batch in one tensor `[names]`, so that one read brings them off the device. */
  readonly scalars: tf.Tensor1D;
}

/**
 * The loss of a batch, its gradients and what the model reports beside it.
 *
 * @param batch int32 symbols `[batch, time]`
 * @throws RangeError when a metric has a name that is taken
 */
export function computeGradients(model: Trainable, batch: tf.Tensor2D): BatchGradients {
  const weights = model.weights();
  const reported: { names: string[]; scalars: tf.Scalar[]; statistics: tf.NamedTensorMap } = {
    names: [],
    scalars: [],
    statistics: {},
  };
  // The tape disposes of all that is made under it but the loss and what is kept. Copies are kept, so that it does not
  // matter whether the model reports one tensor twice, or one that is not its own.
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
