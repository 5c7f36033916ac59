export { denseCost, free, productCost, sizeOfCost, sumCosts, type Cost, type ModelSize } from './cost';
export {
  concatChunks,
  joinChunks,
  type DrawOptions,
  type DrawSettings,
  type EncodeOptions,
  type StreamOptions,
  type SymbolArray,
} from './generation/drawing';
export {
  decodeLevels,
  generate,
  generateChunks,
  type Drawn,
  type GenerateOptions,
} from './generation/generate';
export { encodePrefix, type Kept } from './generation/kept';
export {
  assertFit,
  codesSource,
  encodeLevels,
  givenCodes,
  type Level,
  type Prior,
} from './generation/levels';
export { reconstructLevels, type ReconstructLevelsOptions } from './generation/reconstructLevels';
export {
  assertSymbols,
  commonLength,
  DrawnSource,
  wholeSource,
  type SymbolSource,
} from './generation/symbolSource';
export type { ModelFacts, ModelKind } from './kind';
export { mostArrayValues, stepMemory, type StepMemory, type StepValues } from './memory';
export type { Context, Model, ModelLoss, NllOptions, SequenceModel } from './model';
