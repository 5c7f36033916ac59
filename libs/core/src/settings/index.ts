export { describeSettings, type SettingDescription } from './describeSettings';
export { Hyperparameter } from './hyperparameter';
export { nearest } from './nearest';
export { parseSettings } from './parseSettings';
export { jsonSchemaOf, type JsonSchema } from './rules';
