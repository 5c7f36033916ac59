export * from './discreteAutoencoder';
export * from './encodeSequence';
export * from './encoder';
export * from './levels';
export * from './reconstruct';
