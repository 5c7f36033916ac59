export {
  loadClip,
  loadExcerpts,
  type Excerpt,
  type ExcerptReconstruction,
  type ReconstructedRow,
} from './loadExcerpts';
export { localResultsFolder, recordLocally } from './localResults';
export { reconstructRows, type ReconstructRowsOptions } from './reconstructRows';
export { keepAudio, loadRecordedExcerpts } from './recordedAudio';
export type { RecordedRow } from './recordedRow';
export { dataWithResults, readRecordedRows, recordedResultsFolder, type ResultsPlace } from './recordedRows';
export { runTable, type TableOptions } from './runTable';
export { meanOver, summarise, type RowSummary, type SummarisedRow } from './summary';
