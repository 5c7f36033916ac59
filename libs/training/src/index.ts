export { checkpointMinutes, defaultCheckpointMinutes } from './config/checkpointMinutes';
export {
  decaySettings,
  trainingSettings,
  type LearningRateSchedule,
  type TrainingConfig,
} from './config/trainingConfig';
export { computeGradients, type BatchGradients } from './gradients';
export { abortOnInterrupt, exitStatuses, type EndingSignal, type Interrupt } from './jobs/interrupt';
export { defaultConcurrency, runJobs, type Job, type RunJobsOptions } from './jobs/runJobs';
export { serveJob, type JobContext } from './jobs/serveJob';
export { Adam, type AdamConfig, type AdamUpdate } from './optimiser/adam';
export { learningRateAt } from './optimiser/schedule';
export { createProgressDisplay, type ProgressDisplay, type ProgressStream } from './progress/display';
export { readMetrics, type LineTimes, type MetricsLine } from './runs/metricsLog';
export { currentCommit, provenanceSchema, type Provenance, type Session } from './runs/provenance';
export { defaultRunsFolder, Run, RunStore, type RunIdentity, type TrainingResult } from './runs/runStore';
export {
  decodeSafetensors,
  encodeSafetensors,
  storedFormats,
  type SafetensorsFile,
  type StoredFormat,
  type StoredTensor,
} from './runs/safetensors';
export { loadWeightsFile, writeWeightsFile } from './runs/weightsFile';
export { loadModel, train, type TrainOptions } from './train';
export type { LossResult, Trainable } from './trainable';
