export * from './dataset';
export * from './mulaw';
export * from './music';
