import * as tf from '@tensorflow/tfjs';

/**
 * `tf.customGrad` with types that say what it does.
 *
 * @param inputs what the gradients are taken of
 * @param forward computes the value and names the tensors that the gradients need again
 * @param gradients from the gradient of the value and the tensors kept, the gradient of each input
 */
export function customGradient<T extends tf.Tensor>(
  inputs: tf.Tensor[],
  forward: () => { value: T; keep: tf.Tensor[] },
  gradients: (dy: T, kept: tf.Tensor[]) => tf.Tensor[],
): T {
  const op = tf.customGrad((...args) => {
    const save = args[args.length - 1] as tf.GradSaveFunc;
    const { value, keep } = forward();
    save(keep);
    return { value, gradFunc: (dy: T, kept: tf.Tensor[]) => gradients(dy, kept) };
  });
  return op(...inputs);
}
