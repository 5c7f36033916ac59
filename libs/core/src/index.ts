export * from './duration';
export * from './errors';
export * from './files';
export * from './hash';
export * from './lock';
export * from './progress';
export * from './random';
