import { UserError } from '@fermata/core';
import * as tf from '@tensorflow/tfjs';

const remedy = 'Lower learningRate or clipNorm, or warm up for longer.';

/**
 * Checks, before a step moves anything, that its measurements are finite.
 *
 * @param measured loss and its terms, metrics, and norm of the gradients, by name
 * @param tensors.variables weights and state by path: if one is not finite, everything else follows from it
 * @param tensors.gradients gradients by the path of the weight
 * @param step number of the step, from 1
 * @throws UserError with the measurement and the tensors at fault: the variables; else the gradients; else, if a norm
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
 * Checks that a tensor is finite before it is saved: a useless checkpoint would displace the good ones.
 *
 * @throws UserError with the name of the tensor
 */
export function assertFiniteValues(values: ArrayLike<number>, name: string, step: number): void {
  for (let index = 0; index < values.length; index++) {
    if (values[index] - values[index] === 0) continue; // false for NaN and infinities
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
