export { CodebookMonitor } from './codebookMonitor';
export { createQuantiser, type QuantiserConfig } from './createQuantiser';
export { type Quantiser } from './quantiser';
