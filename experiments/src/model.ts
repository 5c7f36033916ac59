import type { RandomKey } from '@fermata/core';
import {
  autoencoderContext,
  DiscreteAutoencoder,
  encoderReceptiveField,
  type AutoencoderConfig,
} from '@fermata/autoencoder';
import { waveNetSequence, type SequenceModel } from '@fermata/evaluation';
import { receptiveField, WaveNet, type WaveNetConfig } from '@fermata/wavenet';

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
export function receptiveFieldOf({ kind, config }: ModelConfig): number {
  const { dilations, width } = kind === 'wavenet' ? config : config.decoder;
  return receptiveField({ dilations, width, padding: 'causal' }).total;
}

/** Symbols that a query of the encoder sees; null where there is no encoder. */
export function encoderReceptiveFieldOf({ kind, config }: ModelConfig): number | null {
  return kind === 'wavenet' ? null : encoderReceptiveField({ ...config.encoder, hop: config.hop }).total;
}

/** Symbols for each code, 1 where there are no codes, and how many before a symbol its NLL depends on. */
export function reachOf(model: ModelConfig): { hop: number; past: number } {
  if (model.kind === 'wavenet') return { hop: 1, past: receptiveFieldOf(model) };
  return { hop: model.config.hop, past: autoencoderContext(model.config).past };
}
