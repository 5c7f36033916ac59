import { asFileError, writeFileAtomic } from '@fermata/core';
import { readFileSync } from 'node:fs';

import type { Trainable } from '../trainable';
import { assignTensors, storeTensor } from '../variables';
import { decodeSafetensors, encodeSafetensors, type StoredFormat, type StoredTensor } from './safetensors';

/**
 * Writes a model's weights and state into a safetensors file, each under its path: `weights/encoder/stack/layers/0/kernel`,
 * `state/quantiser/codebook`. Kernels are `[width, in, out]`, activations `[batch, time, channels]`.
 *
 * @param metadata texts kept in the file's header
 * @throws UserError for a file that cannot be written
 */
export async function writeWeightsFile(
  path: string,
  model: Trainable,
  format: StoredFormat,
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, variable] of variablesOf(model)) {
    tensors.set(name, { ...(await storeTensor(variable, name)), format });
  }
  writeFileAtomic(path, encodeSafetensors({ tensors, metadata }));
}

/**
 * Gives a model the weights and state of a file that `writeWeightsFile` wrote.
 *
 * @throws UserError for a file that cannot be read, is damaged, or belongs to another model
 */
export function loadWeightsFile(path: string, model: Trainable): void {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw asFileError(error, path);
  }
  assignTensors(variablesOf(model), decodeSafetensors(bytes, path).tensors, path);
}

function variablesOf(model: Trainable) {
  return new Map([
    ...[...model.weights()].map(([path, variable]) => [`weights/${path}`, variable] as const),
    ...[...model.state()].map(([path, variable]) => [`state/${path}`, variable] as const),
  ]);
}
