export * from './gatedStack';
export * from './receptiveField';
export * from './symbolInput';
export * from './waveNet';
