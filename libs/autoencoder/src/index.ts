export { autoencoderKind } from './autoencoderKind';
export { conditioningSource, sequenceConditioning } from './conditioning';
export { DiscreteAutoencoder } from './discreteAutoencoder';
export { encodeChunks, encodeSequence } from './encodeSequence';
export { Encoder, encoderReceptiveField, Modulator } from './encoder';
export {
  reconstruct,
  reconstructChunks,
  reconstructSequence,
  reconstructSequenceChunks,
} from './reconstruct';
export { autoencoderSettings, encoderSettings, type AutoencoderConfig, type EncoderConfig } from './settings';
