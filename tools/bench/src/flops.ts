import { describeModel } from '@fermata/experiments';

import { networkConfig, type NetworkSize } from './network';

/** Floating-point operations of one timestep of training, as `sizeOf` counts them. */
export function flopsPerTimestep(size: NetworkSize): { forward: number; backward: number; total: number } {
  const { forward, total } = describeModel({ kind: 'wavenet', config: networkConfig(size) }).flopsPerTimestep;
  return { forward, backward: total - forward, total };
}
