import * as tf from '@tensorflow/tfjs';

/**
 * Registers the gradients of sums and means: each element gets the gradient of the result. tfjs's own versions multiply
 * it by ones made one by one in JavaScript; these add it to zeros, which are fresh memory.
 */
export function registerReductionGradients(): void {
  register('Sum', (gradient) => gradient);
  register('Mean', (gradient, count) => tf.div(gradient, count));
}

function register(
  kernelName: 'Sum' | 'Mean',
  gradientOfEach: (gradient: tf.Tensor, count: number) => tf.Tensor,
): void {
  tf.unregisterGradient(kernelName);
  tf.registerGradient({
    kernelName,
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attrs) => {
      const axes = tf.util.parseAxisParam(attrs.axis as number | number[], x.shape);
      const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
      const count = x.size / tf.util.sizeFromShape(kept);
      return {
        x: () => tf.add(gradientOfEach(tf.reshape(dy as tf.Tensor, kept), count), tf.zeros(x.shape)),
      };
    },
  });
}
