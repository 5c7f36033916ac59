import type { RandomKey } from '@fermata/core';
import { DiscreteAutoencoder, type AutoencoderConfig } from '@fermata/autoencoder';
import { waveNetSequence, type SequenceModel } from '@fermata/evaluation';
import { WaveNet, type WaveNetConfig } from '@fermata/wavenet';

/** A model as plain JSON: what a run is named after and a checkpoint is loaded into. */
export type ModelConfig =
  | { readonly kind: 'wavenet'; readonly config: WaveNetConfig }
  | { readonly kind: 'autoencoder'; readonly config: AutoencoderConfig };

export type Model = WaveNet | DiscreteAutoencoder;

/** A model with fresh weights. @throws RangeError for a config that breaks a rule */
export function createModel({ kind, config }: ModelConfig, key: RandomKey): Model {
  return kind === 'wavenet' ? new WaveNet(config, key) : new DiscreteAutoencoder(config, key);
}

/** A model as evaluation sees it. */
export function asSequenceModel(model: Model): SequenceModel {
  return model instanceof WaveNet ? waveNetSequence(model) : model;
}

/** Symbols before a prediction that it depends on, r: of an autoencoder those of its local model. */
export function receptiveFieldOf(model: Model): number {
  return model instanceof WaveNet ? model.receptiveField : model.localModel.receptiveField;
}
