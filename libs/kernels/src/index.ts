export * from './kernels';
export * from './load';
export * from './sampler';
