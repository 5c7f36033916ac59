export { ingest, type IngestOptions } from './ingest';
export { isAudioName } from './sources';
