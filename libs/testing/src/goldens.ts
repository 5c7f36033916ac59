import * as tf from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Array computed by another program, with values in row-major order. */
export interface GoldenArray {
  readonly shape: number[];
  readonly dtype: 'float32' | 'int32';
  readonly values: readonly number[];
}

/** Arrays by name. */
export type Golden = Readonly<Record<string, GoldenArray>>;

const folder = join(__dirname, '..', '..', '..', 'tools', 'goldens');

/**
 * Reads a file written by a script of tools/goldens with `save(cases)`.
 *
 * @param name library and file: `tensor/convolution` means tools/goldens/tensor/convolution.json
 * @returns cases by name
 */
export function loadGoldens(name: string): Readonly<Record<string, Golden>> {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Record<string, Golden>;
}

/** Converts a golden array to a tensor. */
export function goldenTensor({ values, shape, dtype }: GoldenArray): tf.Tensor {
  return tf.tensor([...values], shape, dtype);
}
