import { loadKernels } from '@fermata/kernels';

/** The backends that specs of numerics run on: `native` where the kernels are compiled. */
export const testBackends: readonly string[] =
  loadKernels() === undefined ? ['cpu', 'wasm'] : ['cpu', 'wasm', 'native'];
