import { loadKernels } from '@fermata/kernels';

const named = process.env.FERMATA_TEST_BACKENDS;

/**
 * Backends for numerical specs: `cpu`, `wasm`, and `native` if the kernels are compiled. The variable
 * FERMATA_TEST_BACKENDS names others, separated by commas.
 */
export const testBackends: readonly string[] =
  named !== undefined && named !== ''
    ? named.split(',')
    : loadKernels() === undefined
      ? ['cpu', 'wasm']
      : ['cpu', 'wasm', 'native'];
