export {
  backendNames,
  describeBackends,
  selectBackend,
  type BackendName,
  type BackendStatus,
  type Device,
} from './backend';
export { customGradient } from './customGradient';
export { normalTensor, uniformKernel } from './initialise';
export { Module } from './module';
export { dense, tapOffsets, type ConvolutionOptions, type Padding } from './ops/convolution';
export type { GatedResidualWeights } from './ops/gatedResidualLayer';
export { gatedStack, type GatedStackWeights } from './ops/gatedStack';
export { headLogits, headNll, type HeadWeights } from './ops/headNll';
export { addBias } from './ops/matrixProduct';
export { oneHot } from './ops/oneHot';
export { oneHotConvolution } from './ops/oneHotConvolution';
export { adamStep, moveAverage, sumOfSquares, type AdamVariables } from './ops/optimiser';
export { assignmentSums, divisiveNormalisation, nearestCentroid } from './ops/quantise';
export { meanPool } from './ops/resample';
export { straightThrough } from './ops/straightThrough';
export { embeddingLookup, scalarInput } from './ops/symbolInput';
export { assertInteger, assertShape } from './shape';
export { tensorflowParts, type TensorflowPart } from './tensorflow/parts';
export { mayHaveGpu } from './tensorflow/sharedLibrary';
