import * as tf from '@tensorflow/tfjs';

import { customGradient } from '../customGradient';
import { native, tensorOf } from '../native/nativeBackend';
import { assertShape } from '../shape';
import { matrixProduct } from './matrixProduct';
import { oneHot } from './oneHot';

/**
 * Index of the codebook row nearest to each query, argminᵢ |q − cᵢ|² (section 3.1). It has no gradient.
 *
 * @param queries `[positions, depth]`
 * @param codebook `[codes, depth]`
 * @returns int32 `[positions]`
 */
export function nearestCentroid(queries: tf.Tensor2D, codebook: tf.Tensor2D): tf.Tensor1D {
  const [positions, depth] = queries.shape;
  const [codes] = codebook.shape;
  assertShape(codebook, [codes, depth], 'codebook');
  const fused = native();
  if (fused !== undefined) {
    const { kernels, floats } = fused;
    const result = new Int32Array(positions);
    kernels.nearest(positions, codes, depth, floats(queries), floats(codebook), result);
    return tf.tensor1d(result, 'int32');
  }
  return tf.tidy(() => {
    // |q − c|² = |q|² − 2·q·c + |c|²; |q|² is equal for all codes and left out.
    const products = matrixProduct(queries, tf.transpose(codebook));
    const squares = tf.sum(tf.square(codebook), 1);
    return tf.argMin(tf.sub(squares, tf.mul(2, products)), 1);
  });
}

/**
 * Number of queries assigned to each code, and their sum: the statistics of exponentially smoothed K-means (section
 * 3.1).
 *
 * @param queries `[positions, depth]`
 * @param assignment int32 `[positions]`, each 0 … codes − 1
 * @returns counts `[codes]` and sums `[codes, depth]`
 */
export function assignmentSums(
  queries: tf.Tensor2D,
  assignment: tf.Tensor1D,
  codes: number,
): { counts: tf.Tensor1D; sums: tf.Tensor2D } {
  const [positions, depth] = queries.shape;
  assertShape(assignment, [positions], 'assignment');
  const fused = native();
  if (fused !== undefined) {
    const { kernels, floats, integers, take } = fused;
    const [counts, sums] = [take(codes), take(codes * depth)];
    kernels.assignmentSums(positions, codes, depth, floats(queries), integers(assignment), counts, sums);
    return { counts: tensorOf(counts, [codes]), sums: tensorOf(sums, [codes, depth]) };
  }
  return tf.tidy(() => {
    const assigned = oneHot(assignment, codes) as tf.Tensor2D;
    return { counts: tf.sum<tf.Tensor1D>(assigned, 0), sums: tf.matMul(tf.transpose(assigned), queries) };
  });
}

/**
 * Divisive normalisation of each position on its own (footnote 3): f(xᵢ) = ReLU(xᵢ) / (Σⱼ ReLU(xⱼ) + ε). If no channel
 * is positive, the result and the gradient are zero.
 *
 * @param x `[batch, time, channels]`
 * @returns `[batch, time, channels]`
 */
export function divisiveNormalisation(x: tf.Tensor3D, epsilon: number): tf.Tensor3D {
  const fused = native();
  if (fused === undefined) {
    return tf.tidy(() => {
      const positive = tf.relu(x);
      return tf.div(positive, tf.add(tf.sum(positive, 2, true), epsilon));
    });
  }
  const { kernels, floats, take } = fused;
  const [batch, time, channels] = x.shape;
  const rows = batch * time;
  return customGradient<tf.Tensor3D>(
    [x],
    () => {
      const result = take(x.size);
      kernels.normalise(rows, channels, epsilon, floats(x), result);
      const value = tensorOf<tf.Rank.R3>(result, x.shape);
      return { value, keep: [x, value] };
    },
    (dy, [keptX, y]) => {
      const gradient = take(x.size);
      kernels.normaliseBackward(rows, channels, epsilon, floats(keptX), floats(y), floats(dy), gradient);
      return [tensorOf(gradient, x.shape)];
    },
  );
}
