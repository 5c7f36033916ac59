export * from './dataset';
export * from './files';
export * from './mulaw';
export * from './music';
