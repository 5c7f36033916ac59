export { audioFolder, requireWritableCache } from './folders';
export { trainingConfig } from './jobs/rowRun';
export { asSequenceModel, createModel, type Model, type ModelConfig } from './model';
export { runPaper, type PaperOptions, type PaperReport } from './paper/paper';
export type { PaperNumbers, Row } from './row';
export { rowNamed } from './rows';
export { scaleNamed, scaleNames, type Budget, type Scale } from './scales';
