export * from './compose';
export { builtInCorpus, readPiece, type BuiltInCorpusOptions } from './corpus';
export * from './midi';
export * from './performance';
export * from './piano';
