import * as tf from '@tensorflow/tfjs';

import { customGradient } from '../customGradient';
import { assertShape } from '../shape';

/**
 * Straight-through estimation (Bengio, Léonard and Courville, 2013): passes the quantised value forwards and the
 * gradient backwards unchanged, as if q' = q.
 *
 * @param query any shape
 * @param quantised has the shape of `query`; no gradient flows into it
 * @returns values of `quantised` with the gradient of `query`
 */
export function straightThrough<T extends tf.Tensor>(query: T, quantised: T): T {
  assertShape(quantised, query.shape, 'quantised');
  return customGradient<T>(
    [query],
    () => ({ value: tf.clone(quantised), keep: [] }),
    (dy) => [dy],
  );
}

/** Value of a tensor as a constant: [x] in the paper's equation 1. */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  return customGradient<T>(
    [x],
    () => ({ value: tf.clone(x), keep: [] }),
    (dy) => [tf.zerosLike(dy)],
  );
}
