import { UserError } from '@fermata/core';
import * as tf from '@tensorflow/tfjs';

import type { StoredTensor } from './runs/safetensors';

/**
 * Assigns the values of stored tensors to variables.
 *
 * @param where file or folder of the tensors, for the error
 * @throws UserError for a tensor that is missing or of another shape
 */
export function assignTensors(
  variables: ReadonlyMap<string, tf.Variable>,
  tensors: ReadonlyMap<string, StoredTensor>,
  where: string,
): void {
  for (const [name, variable] of variables) {
    const stored = tensors.get(name);
    const fits = stored !== undefined && tf.util.arraysEqual([...stored.shape], variable.shape);
    if (!fits) {
      const found = stored === undefined ? 'is missing' : `has the shape [${stored.shape.join(', ')}]`;
      throw new UserError(
        `${where}: ${name} ${found}, the model's is [${variable.shape.join(', ')}].`,
        'The model has changed since: delete the run, or go back to the version that made it.',
      );
    }
    tf.tidy(() => {
      variable.assign(tf.tensor(stored.values, variable.shape, variable.dtype));
    });
  }
}

/** Reads the values of a variable for storage. @throws RangeError for a type that files cannot hold */
export async function storeTensor(variable: tf.Variable, name: string): Promise<StoredTensor> {
  if (variable.dtype !== 'float32' && variable.dtype !== 'int32') {
    throw new RangeError(`${name}: a checkpoint cannot hold a tensor of type ${variable.dtype}`);
  }
  return { shape: variable.shape, values: await variable.data() };
}
