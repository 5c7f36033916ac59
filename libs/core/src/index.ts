export * from './duration';
export * from './errors';
export * from './files';
export * from './hash';
export * from './progress';
export * from './random';
