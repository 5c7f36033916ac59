import { UserError } from '@fermata/core';
import * as tf from '@tensorflow/tfjs';

const remedy = 'Lower learningRate or clipNorm, or warm up for longer.';

/**
 * Makes sure that a step measured finite numbers, before it moves anything.
 *
 * @param measured the loss and its terms, the metrics and the norm of the gradients, by name
 * @param tensors.variables weights and state by path: where one of them is not finite, all else follows from it
 * @param tensors.gradients by the path of the weight
 * @param step the number of the step, from 1
 * @throws UserError that names what was measured and the tensors: the variables, else the gradients, else, where a norm
 *   is too large for 32 bits, the largest gradient
 */
export function assertFiniteStep(
  measured: Readonly<Record<string, number>>,
  {
    variables,
    gradients,
  }: {
    readonly variables: ReadonlyMap<string, tf.Tensor>;
    readonly gradients: ReadonlyMap<string, tf.Tensor>;
  },
  step: number,
): void {
  const culprits = Object.keys(measured).filter((name) => !Number.isFinite(measured[name]));
  if (culprits.length === 0) return;
  const { loss, gradientNorm, ...terms } = Object.fromEntries(
    culprits.map((name) => [name, `${name} is ${measured[name]}`]),
  ) as Record<string, string | undefined>;
  const values = [...Object.values(terms), loss, gradientNorm].filter((value) => value !== undefined);
  throw new UserError(`At step ${step} ${values.join(', ')}${explain(variables, gradients)}.`, remedy);
}

/**
 * Makes sure that a tensor that is to be saved is finite, so that the checkpoints before it are not pushed out by one
 * that nothing can be learnt from.
 *
 * @throws UserError that names it
 */
export function assertFiniteValues(values: ArrayLike<number>, name: string, step: number): void {
  for (let index = 0; index < values.length; index++) {
    if (values[index] - values[index] === 0) continue; // false of NaN and of infinities
    throw new UserError(`After step ${step} ${name} is not finite: it holds ${values[index]}.`, remedy);
  }
}

function explain(
  variables: ReadonlyMap<string, tf.Tensor>,
  gradients: ReadonlyMap<string, tf.Tensor>,
): string {
  const moved = notFinite(variables);
  if (moved.length > 0) return `; not finite: ${list(moved)}`;
  const paths = notFinite(gradients);
  if (paths.length > 0) return `; not finite: the gradient of ${list(paths)}`;
  const sizes = Array.from(gradients, ([path, gradient]) => ({ path, size: largest(gradient) }));
  const { path, size } = sizes.reduce((a, b) => (b.size > a.size ? b : a), { path: '', size: 0 });
  return path === '' ? '' : `; the largest gradient, that of ${path}, has an element of size ${size}`;
}

function notFinite(tensors: ReadonlyMap<string, tf.Tensor>): string[] {
  return [...tensors].filter(([, tensor]) => !isFinite(tensor)).map(([path]) => path);
}

function list(paths: readonly string[]): string {
  return paths.slice(0, 3).join(', ') + (paths.length > 3 ? ` and ${paths.length - 3} more` : '');
}

function isFinite(tensor: tf.Tensor): boolean {
  return tf.tidy(() => tf.all(tf.isFinite(tensor)).dataSync()[0] === 1);
}

function largest(tensor: tf.Tensor): number {
  return tf.tidy(() => tf.max(tf.abs(tensor)).dataSync()[0]);
}
