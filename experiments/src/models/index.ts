export {
  createModel,
  describeModel,
  parseModel,
  settingsOfModel,
  withModelKind,
  type ModelConfig,
  type ModelConfigs,
} from './models';
