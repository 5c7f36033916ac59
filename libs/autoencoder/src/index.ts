export { conditioningSource, sequenceConditioning } from './conditioning';
export * from './discreteAutoencoder';
export { encodeSequence, type EncodeOptions, type SymbolArray } from './encodeSequence';
export * from './encoder';
export * from './generate';
export { encodePrefix, type Kept } from './kept';
export { autoencoderLevel, encodeLevels, givenCodes, waveNetPrior, type Level, type Prior } from './levels';
export * from './reconstruct';
export { DrawnSource, wholeSource, type SymbolSource } from './symbolSource';
