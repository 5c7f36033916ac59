export * from './kernels';
export * from './load';
