export {
  assessClaims,
  claimRecord,
  claimsFigures,
  claimsTable,
  describeClaim,
  verdictsTable,
  type AssessedClaim,
  type AssessedComparison,
  type Claim,
  type ClaimRecord,
  type ClaimsOf,
  type Comparison,
  type ComparisonRecord,
} from './claims';
export {
  audioFolder,
  requireWritableCache,
  type PlannedOptions,
  type Reconstruction,
  type RowOutcome,
} from './jobs';
export { createModel, describeModel, type ModelConfig, type ModelConfigs } from './models';
export {
  encodeRecording,
  exportModel,
  generateAudio,
  levelsOfOpened,
  listModels,
  openModel,
  openRecording,
  openTrainedRow,
  reconstructRecording,
  requireRole,
  settingsByLevel,
  trainOneRow,
  type GenerateAudioOptions,
  type LevelSettings,
  type ModelCard,
  type ModelName,
  type ModelRole,
  type OpenedModel,
  type TrainedRowOptions,
  type TrainedRun,
} from './open';
export { planScale, planTables, type ScaledRow, type ScalePlan } from './plan';
export {
  recordedTables,
  runPaper,
  type PaperOptions,
  type PaperReport,
  type RecordedTableOptions,
} from './report';
export {
  dataWithResults,
  loadRecordedExcerpts,
  localResultsFolder,
  readRecordedRows,
  reconstructRows,
  recordedResultsFolder,
  runTable,
  summarise,
  type Excerpt,
  type ExcerptReconstruction,
  type ReconstructRowsOptions,
  type RecordedRow,
  type ResultsPlace,
  type RowSummary,
  type TableOptions,
} from './results';
export {
  audioRate,
  budgetOf,
  modelOf,
  rowConfig,
  rowNamed,
  rowSettings,
  rowsOfTable,
  settingsOfRow,
  tableNames,
  trainingConfig,
  type Heading,
  type PaperNumbers,
  type Row,
  type Settings,
} from './rows';
export { scaleNamed, scaleNames, type Budget, type Scale } from './scales';
export { symbolName } from './sequences';
export { systemNamed, systemNames } from './systems';
