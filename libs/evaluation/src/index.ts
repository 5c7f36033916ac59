export * from './codes/shuffleCodes';
export * from './codes/statistics';
export * from './nll/evaluateNll';
export * from './profile/predictor';
export * from './profile/profilePoint';
export * from './sequenceModel';
export * from './spectral/logSpectralDistance';
export * from './spectral/loudnessDeviation';
