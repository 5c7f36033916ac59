export { ingest, type IngestOptions } from './ingest';
