export type { Codes, CodesOptions, Measured } from './readRecording';
export { loadCodes, RecordingReader, type ReaderOptions } from './reader';
