export * from './arithmetic';
export * from './kernels';
export * from './load';
export * from './models';
export * from './sampler';
