export * from './files';
export * from './ingest';
export * from './mulaw';
export * from './music';
export * from './spectrum/stft';
