export { CodebookMonitor } from './codebookMonitor';
export {
  createQuantiser,
  describeQuantiser,
  quantiserSettings,
  type QuantiserConfig,
} from './createQuantiser';
export type { Quantiser, QuantiserFacts } from './quantiser';
