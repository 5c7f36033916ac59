export { duration } from './duration';
export { UserError } from './errors';
export {
  asFileError,
  makeFolder,
  readHead,
  requireReadableFile,
  requireWritableFile,
  requireWritableFolder,
  writeFileAtomic,
} from './files';
export { canonicalJson, fingerprint, sha256, type Json } from './hash';
export { lockFolder, LockedError } from './lock';
export { claimOutputFolder, isOutputFolder, makeOutputFolder, outputMarker } from './outputFolder';
export { printable } from './printable';
export type { Progress, ProgressListener } from './progress';
export { fold, normals, randomKey, RandomStream, split, uniforms, type RandomKey } from './random';
export {
  describeSettings,
  Hyperparameter,
  jsonSchemaOf,
  nearest,
  parseSettings,
  type JsonSchema,
  type SettingDescription,
} from './settings';
