import type * as tf from '@tensorflow/tfjs';

/**
 * Checks a tensor's shape. A number must match exactly. A name (`'batch'`) matches any size, but must match the same
 * size wherever it appears in this shape.
 *
 * @example assertShape(query, ['batch', 'time', depth], 'query')
 * @throws RangeError with the name, the actual shape and the expected shape
 */
export function assertShape(tensor: tf.Tensor, shape: readonly (number | string)[], name: string): void {
  const sizes = new Map<string, number>();
  const matches =
    tensor.rank === shape.length &&
    shape.every((wanted, axis) => {
      const found = tensor.shape[axis];
      if (typeof wanted === 'number') return found === wanted;
      const known = sizes.get(wanted);
      sizes.set(wanted, found);
      return known === undefined || known === found;
    });
  if (!matches) {
    throw new RangeError(`${name} has shape [${tensor.shape.join(', ')}], not [${shape.join(', ')}]`);
  }
}

/** Checks that a value is an integer of at least `least`. @throws RangeError with the name, the value and the rule */
export function assertInteger(value: number, least: number, name: string): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`${name} is ${value}, but must be an integer of at least ${least}`);
  }
}
