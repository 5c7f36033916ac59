export { exportModel } from './exportModel';
export { listModels } from './findRun';
export type { ModelCard } from './modelCard';
export { levelsOfOpened, openModel, type ModelName, type OpenedModel } from './openModel';
export { openTrainedRow, trainOneRow, type TrainedRowOptions, type TrainedRun } from './trainOneRow';
export { isKeptGeneration } from './keptGeneration';
export { openRecording, type OpenRecordingOptions } from './recording';
export {
  encodeRecording,
  reconstructRecording,
  reconstructRecordingChunks,
  type ReconstructedChunk,
} from './useModel';
export { generateAudio, type GenerateAudioOptions } from './generateAudio';
export { settingsByLevel, type LevelSettings } from './levelSettings';
export { requireRole, type ModelRole } from './role';
