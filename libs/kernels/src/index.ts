export type { ArithmeticKernels, UnaryOperation } from './arithmetic';
export type { Kernels } from './kernels';
export { kernelsStatus, loadKernels, type KernelsStatus } from './load';
export type {
  AdamStep,
  ConvolutionShape,
  HeadShape,
  ModelKernels,
  OneHotConvolutionShape,
  StackShape,
} from './models';
export {
  weightFormats,
  type SamplerChunk,
  type SamplerHandle,
  type SamplerKernels,
  type SamplerShape,
  type WeightFormat,
} from './sampler';
