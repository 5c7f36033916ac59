import * as tf from '@tensorflow/tfjs';

import { customGradient } from '../customGradient';
import { native, tensorOf, type Native } from '../native/nativeBackend';
import { assertInteger } from '../shape';

/**
 * Mean of every `hop` timesteps: lowers the rate at the output of an encoder (section 3.3).
 *
 * @param x `[batch, time, channels]`; time is a multiple of hop
 * @returns `[batch, time / hop, channels]`
 * @throws RangeError if time is not a multiple of hop
 */
export function meanPool(x: tf.Tensor3D, hop: number): tf.Tensor3D {
  const [batch, time, channels] = x.shape;
  assertInteger(hop, 1, 'hop');
  if (time % hop !== 0)
    throw new RangeError(`mean pooling: ${time} timesteps are not a multiple of the hop ${hop}`);
  const fused = native();
  if (fused !== undefined) {
    return customGradient<tf.Tensor3D>(
      [x],
      () => ({ value: combined(fused, 'mean', x, hop), keep: [] }),
      (dy) => [repeated(fused, dy, hop, 1 / hop)],
    );
  }
  return tf.tidy(() => tf.mean<tf.Tensor3D>(tf.reshape(x, [batch, time / hop, hop, channels]), 2));
}

/**
 * Repeats each timestep `hop` times: converts the rate of codes to the rate of the encoded signal.
 *
 * @param x `[batch, time, channels]`
 * @returns `[batch, time · hop, channels]`
 */
export function repeat(x: tf.Tensor3D, hop: number): tf.Tensor3D {
  const [batch, time, channels] = x.shape;
  assertInteger(hop, 1, 'hop');
  if (hop === 1) return x;
  const fused = native();
  if (fused !== undefined) {
    return customGradient<tf.Tensor3D>(
      [x],
      () => ({ value: repeated(fused, x, hop, 1), keep: [] }),
      (dy) => [combined(fused, 'sum', dy, hop)],
    );
  }
  return tf.tidy(() => {
    // Uses a sum: on the wasm backend tf.tile takes a hundred times as long, and its gradient even longer.
    const repeated = tf.add(tf.reshape(x, [batch, time, 1, channels]), tf.zeros([hop, 1]));
    return tf.reshape(repeated, [batch, time * hop, channels]);
  });
}

function combined(
  { kernels, floats, take }: Native,
  how: 'sum' | 'mean',
  x: tf.Tensor3D,
  hop: number,
): tf.Tensor3D {
  const [batch, time, channels] = x.shape;
  const steps = time / hop;
  const result = take(batch * steps * channels);
  kernels.reduce(how, batch * steps, hop, channels, floats(x), result);
  return tensorOf(result, [batch, steps, channels]);
}

function repeated(
  { kernels, floats, take }: Native,
  x: tf.Tensor3D,
  hop: number,
  factor: number,
): tf.Tensor3D {
  const [batch, steps, channels] = x.shape;
  const result = take(batch * steps * hop * channels);
  kernels.repeatRows(batch * steps, hop, channels, factor, floats(x), result);
  return tensorOf(result, [batch, steps * hop, channels]);
}
