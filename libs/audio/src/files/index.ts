export type { AudioBlock } from './format';
export * from './decode';
export { Resampler, resample } from './resample';
export { encodeWav, writeWav } from './wav';
