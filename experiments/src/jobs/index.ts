export { describeShortSplits, requireScorable } from './shortSplits';
export { dataSeed, nameOfData, prepareData, type DataOptions } from './data';
export { requireEnoughMemory } from './enoughMemory';
export { requireEnoughMusic, requireEnoughMusicFor } from './enoughMusic';
export { audioFolder, requireWritableCache, requireWritableRuns } from './folders';
export type { GenerateOutcome } from './generateMusic';
export { isReconstructed, JobGraph } from './graph';
export { done, outcomeOf, type JobArgument } from './job';
export {
  generateMusic,
  outcomeOfWork,
  profile,
  reconstructExcerpts,
  trainRow,
  workOn,
  type PlannedWork,
} from './kinds';
export { readLabel, runLabel, type RunLabel } from './label';
export {
  reconstruction,
  rowOutcome,
  type CodesOutcome,
  type Reconstruction,
  type RowOutcome,
} from './outcomes';
export type { ProfileArgument } from './profile';
export type { ReconstructOutcome } from './reconstructExcerpts';
export { configOf, freshModel, hasSequence, loadRow, rowRun, type RowArgument } from './rowRun';
export { runPlanned, type PlannedJob, type PlannedOptions } from './runPlanned';
