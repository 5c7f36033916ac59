import * as tf from '@tensorflow/tfjs';

/**
 * The gradients of sums and means: the gradient of the result, for every element. tfjs's own multiply it by ones, which
 * they make one by one in JavaScript; zeros to add it to come as fresh memory.
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
