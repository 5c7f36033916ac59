export type { DatasetHeader, PieceInfo, SkippedFile, Split, Symbols } from './format';
export { splits } from './format';
export * from './openOrMake';
export * from './reader';
export * from './writer';
export * from './excerpts';
