import * as tf from '@tensorflow/tfjs';

/**
 * Wraps `tf.customGrad` in explicit types.
 *
 * @param inputs tensors to differentiate with respect to
 * @param forward computes the value; returns the tensors that the gradients need, and optionally other values for them
 * @param gradients computes the gradient of each input from the gradient of the value and from what `forward` kept
 */
export function customGradient<T extends tf.Tensor, S = undefined>(
  inputs: tf.Tensor[],
  forward: () => { value: T; keep: tf.Tensor[]; saved?: S },
  gradients: (dy: T, kept: tf.Tensor[], saved: S | undefined) => tf.Tensor[],
): T {
  const op = tf.customGrad((...args) => {
    const save = args[args.length - 1] as tf.GradSaveFunc;
    const { value, keep, saved } = forward();
    save(keep);
    return { value, gradFunc: (dy: T, kept: tf.Tensor[]) => gradients(dy, kept, saved) };
  });
  return op(...inputs);
}
