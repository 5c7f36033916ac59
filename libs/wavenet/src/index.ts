export { GatedStack } from './gatedStack';
export { receptiveField, repeatDilations, type Dilations, type ReceptiveField } from './receptiveField';
export { sample, sampleChunks, type ConditioningSource, type SampleOptions } from './sampling/sample';
export { formatDivergence, type SequenceOptions } from './sampling/sequenceLogits';
export {
  alphabet,
  inputFormat,
  localModelSettings,
  stackSizes,
  waveNetSizes,
  type InputFormat,
  type StackConfig,
  type StackSizes,
  type WaveNetConfig,
  type WaveNetSizes,
} from './settings';
export { SymbolInput, type SymbolInputConfig } from './symbolInput';
export { WaveNet, type WaveNetInputs } from './waveNet';
export {
  stackCost,
  stackValues,
  symbolInputCost,
  waveNetCost,
  waveNetKind,
  waveNetValues,
} from './waveNetKind';
