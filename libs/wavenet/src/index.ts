export * from './gatedStack';
export * from './receptiveField';
export * from './sampling/incrementalWaveNet';
export * from './sampling/sample';
export * from './sampling/sequenceLogits';
export * from './symbolInput';
export * from './waveNet';
