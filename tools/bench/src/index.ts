export { weightFormats, type WeightFormat } from '@fermata/kernels';

export { defaultPeers, peerKinds, type BenchOptions, type PeerKind, type Unavailable } from './contenders';
export { describeResult, type BenchResult } from './describe';
export { benchData, type DataPeer, type DataResult } from './data';
export { machineLine, type Machine } from './machine';
export { sectionNames, type SectionName } from './report/sections';
export { writePerformanceReport, type ReportOptions } from './report/writeReport';
export { benchSample, type SampleOptions, type SamplePeer, type SampleResult } from './sample';
export {
  benchTrain,
  type Speed,
  type StepSpeed,
  type TrainOptions,
  type TrainPeer,
  type TrainResult,
} from './train';
