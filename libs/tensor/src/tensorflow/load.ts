import * as tf from '@tensorflow/tfjs';
import util from 'node:util';

import { findPackage } from '../packages';
import { addTensorflowKernels } from './addKernels';

/** Packages with TensorFlow's backend, the preferred one first. */
export const tensorflowPackages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

/**
 * Loads TensorFlow's backend from the first package that works.
 *
 * @returns the device that it computes on, and the package
 * @throws Error of one line with the remedy, if no package works
 */
export async function loadTensorflow(): Promise<{ device: 'GPU' | 'CPU'; packageName: string }> {
  let problem = `${tensorflowPackages[0]} is not installed: \`npm run install:gpu\` installs it`;
  for (const packageName of tensorflowPackages) {
    if (findPackage(packageName) === undefined) continue;
    prepare();
    try {
      await import(packageName);
    } catch (error) {
      problem = `${packageName} is installed, but its library is not: \`npm run install:gpu\` fetches it (${firstLine(error)})`;
      continue;
    }
    if (!(await tf.setBackend('tensorflow'))) throw new Error('tfjs cannot start its backend tensorflow');
    addTensorflowKernels();
    const { isUsingGpuDevice } = tf.backend() as { isUsingGpuDevice?: boolean };
    return { device: isUsingGpuDevice === true ? 'GPU' : 'CPU', packageName };
  }
  throw new Error(problem);
}

function prepare(): void {
  // TensorFlow else takes the whole memory of the GPU for one process; Fermata trains in several.
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  // Like the kernels, which share the processors with other processes of a report.
  if (process.env.FERMATA_THREADS) process.env.TF_NUM_INTRAOP_THREADS ??= process.env.FERMATA_THREADS;
  // It else prints its processor's instructions at each start. Errors stay.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  // tfjs-node calls two functions that Node 22 warns of and Node 23 removed.
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  });
}

/** First line of an error's message, without the period at its end. */
export function firstLine(error: unknown): string {
  const [line] = (error instanceof Error ? error.message : String(error)).trim().split('\n');
  return line.trim().replace(/\.$/, '');
}
