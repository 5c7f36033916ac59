export type { AudioBlock } from './format';
export * from './decode';
export { Resampler, resample } from './resample';
export * from './writing';
