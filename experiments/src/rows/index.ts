export { audioRate, budgetOf, describeRow, modelOf, sequenceSymbols } from './modelOf';
export { isRow, paperRows, rowNamed, rowsOfTable, tableNames, tableNamed, tableOf, withRows } from './tables';
export {
  audio,
  codesOf,
  headings,
  type Heading,
  type PaperNumbers,
  type Row,
  type Sequence,
  type Table,
} from './row';
export { rowSettings, rowConfig, settingsOfRow, type RowConfig, type Settings } from './settings';
export { trainingConfig } from './training';
export { warmUpNote } from './warmUp';
