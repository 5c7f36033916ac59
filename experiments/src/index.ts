export { assessClaims, type AssessedClaim, type AssessedComparison } from './claims/assess';
export type { Claim, Comparison } from './claims/claim';
export {
  claimRecord,
  claimsTable,
  describeClaim,
  verdictsTable,
  type ClaimRecord,
  type ClaimsOf,
  type ComparisonRecord,
} from './claims/describe';
export { claimsFigures } from './claims/figures';
export { describeDistances, distancesOf, type Distances } from './excerpts/distances';
export type { Excerpt, ExcerptReconstruction } from './excerpts/loadExcerpts';
export { reconstructRows, type ReconstructRowsOptions } from './excerpts/reconstructRows';
export { audioFolder, requireWritableCache } from './folders';
export { trainingConfig } from './jobs/rowRun';
export { asSequenceModel, createModel, type Model, type ModelConfig } from './model';
export { runPaper, type PaperOptions, type PaperReport } from './paper/paper';
export { planScale, type ScalePlan, type ScaledRow } from './plan/planScale';
export { sizeOf, type ModelSize } from './plan/sizes';
export { planTables } from './plan/planTable';
export { rowNamed, rowsOfTable, tableNames } from './rows';
export { scaleNamed, scaleNames, type Budget, type Scale } from './scales';
export type { Settings } from './settings';
export { headings, type Heading, type PaperNumbers, type Row } from './row';
export { loadRecordedExcerpts } from './results/recordedAudio';
export type { RecordedRow } from './results/recordedRow';
export {
  dataWithResults,
  readRecordedRows,
  recordedResultsFolder,
  type ResultsPlace,
} from './results/recordedRows';
export { summarise, type RowSummary } from './results/summary';
export { recordedTables } from './table/recordedTable';
export { runTable, type TableOptions } from './table/runTable';
export type { PlannedOptions } from './jobs/runPlanned';
export {
  trainOneRow,
  withTrainedAutoencoder,
  type TrainedAutoencoder,
  type TrainedRun,
  type TrainedRowOptions,
} from './trainedRow';
