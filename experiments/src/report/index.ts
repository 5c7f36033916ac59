export { runPaper, type PaperOptions, type PaperReport } from './paper';
export { recordedTables, type RecordedTableOptions } from './recordedTable';
