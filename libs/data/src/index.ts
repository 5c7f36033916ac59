export { piecesOf, randomExcerpts, secondsOf, type ExcerptOptions } from './excerpts';
export {
  splits,
  type DatasetHeader,
  type PieceInfo,
  type SkippedFile,
  type Split,
  type Symbols,
} from './format';
export { mapDataset, type MapDatasetOptions } from './mapDataset';
export { openOrMake, type OpenOrMakeOptions } from './openOrMake';
export { openDataset, openDatasetOf, timed, withRemarks, type Dataset, type TimedDataset } from './reader';
export { assignSplits, inDrawnOrder, type Assignment, type Work } from './splits';
export { emptySymbols, largestAlphabet, toSymbols } from './symbols';
export { DamagedError } from './verify';
export { DatasetWriter } from './writer';
