import { loadKernels } from '@fermata/kernels';

/** Backends for numerical specs: includes `native` if the kernels are compiled. */
export const testBackends: readonly string[] =
  loadKernels() === undefined ? ['cpu', 'wasm'] : ['cpu', 'wasm', 'native'];
