export * from './discreteAutoencoder';
export * from './encodeSequence';
export * from './encoder';
