export {
  conjunction,
  judge,
  pairedDifference,
  verdicts,
  type Expectation,
  type Judgement,
  type PairedDifference,
  type SeedValue,
  type Verdict,
} from './claims/comparison';
export { shuffleCodes } from './codes/shuffleCodes';
export { codeStatistics, meanPerplexity, type CodeStatistics } from './codes/statistics';
export { evaluateNll, type Nll, type NllOptions, type NllResult } from './nll/evaluateNll';
export { withShuffledPast } from './nll/shuffledPast';
export { Predictor, type PredictorConfig } from './profile/predictor';
export {
  profilePoint,
  profilePointIdentity,
  type ProfilePointConfig,
  type ProfilePointOptions,
  type ProfilePointResult,
} from './profile/profilePoint';
export { describeDistances, DistanceMeter, distancesOf, type Distances } from './spectral/distances';
export { logSpectralDistance } from './spectral/logSpectralDistance';
export { loudnessDeviation } from './spectral/loudnessDeviation';
export { splitPieces, type SequencePiece } from './splitPieces';
export { estimate, type Estimate } from './statistics/interval';
