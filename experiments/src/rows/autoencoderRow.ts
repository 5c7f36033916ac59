import type { EncoderConfig } from '@fermata/autoencoder';
import type { QuantiserConfig } from '@fermata/quantisers';
import type { InputFormat, WaveNetSizes } from '@fermata/wavenet';

import type { Scale } from '../scales';
import { audio, type Row } from './row';

/** Size k of every codebook of the paper. */
export const codebookSize = 256;

/** The differences between the rows of autoencoders. */
export interface AutoencoderRow extends Omit<Row, 'model' | 'sequence'> {
  /** Sequence; 8-bit audio if absent. */
  readonly sequence?: Row['sequence'];
  /** Input of both encoder and decoder (section 4.1), unless the decoder's is given. */
  readonly input?: InputFormat;
  readonly decoderInput?: InputFormat;
  /** Hop; 8 if absent. */
  readonly hop?: number;
  readonly quantiser: (scale: Scale) => QuantiserConfig;
  /** Changes to the encoder of the scale. */
  readonly encoder?: (scale: Scale) => Partial<EncoderConfig>;
  /** Changes the decoder's local model of the scale. */
  readonly decoder?: (scale: Scale) => Partial<WaveNetSizes>;
}

/** Creates a row with an autoregressive discrete autoencoder. */
export function autoencoderRow(row: AutoencoderRow): Row {
  const { sequence = audio(), quantiser, encoder, decoder, hop = 8, input = 'continuous', ...rest } = row;
  const { decoderInput = input, ...description } = rest;
  return {
    ...description,
    sequence,
    model: (scale, symbols) => ({
      kind: 'autoencoder',
      config: {
        symbols,
        hop,
        encoder: { input, ...scale.encoder, ...encoder?.(scale) },
        quantiser: quantiser(scale),
        modulator: scale.modulator,
        decoder: { input: decoderInput, ...scale.localModel, ...decoder?.(scale) },
      },
    }),
  };
}

/** Quantiser of the VQ-VAE (section 3.1). The paper's main text gives no alpha and beta: these are this project's. */
export function vectorQuantiser(scale: Scale): QuantiserConfig {
  return { kind: 'vq', codebookSize, depth: scale.queryDepth, alpha: 0.95, beta: 0.25 };
}

/** Quantiser of the AMAE (section 3.2). The paper's main text gives no nu: this one is this project's. */
export function argmaxQuantiser(): QuantiserConfig {
  return { kind: 'argmax', codebookSize, diversity: { kind: 'squared-sum', nu: 1e-3 } };
}
