import * as tf from '@tensorflow/tfjs';

/**
 * `tf.customGrad` with types that say what it does.
 *
 * @param inputs what the gradients are taken of
 * @param forward computes the value, names the tensors that the gradients need again, and may hand them more than tensors
 * @param gradients from the gradient of the value, the tensors kept and what was handed over, the gradient of each input
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
