export * from './dataset';
export * from './mulaw';
