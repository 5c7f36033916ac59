import type { InputFormat } from '@fermata/wavenet';
import type { QuantiserConfig } from '@fermata/quantisers';

import type { PaperNumbers, Row } from '../row';
import type { Scale } from '../scales';

/** 8-bit mu-law. */
export const audioSymbols = 256;
/** The size of every codebook, k. */
export const codes = 256;

/** What tells the autoencoders of Table 1 apart. */
export interface AutoencoderRow {
  readonly id: string;
  readonly title: string;
  readonly paper: PaperNumbers;
  /** Of the encoder and of the decoder alike (section 4.1). */
  readonly input: InputFormat;
  readonly hop: number;
  readonly quantiser: (scale: Scale) => QuantiserConfig;
}

/** A row of Table 1 with an autoregressive discrete autoencoder on audio. */
export function autoencoderRow({ id, title, paper, input, hop, quantiser }: AutoencoderRow): Row {
  return {
    id,
    title,
    paper,
    sequence: 'audio',
    model: (scale) => ({
      kind: 'autoencoder',
      config: {
        symbols: audioSymbols,
        hop,
        encoder: { input, ...scale.encoder },
        quantiser: quantiser(scale),
        modulator: scale.modulator,
        decoder: { input, ...scale.localModel },
      },
    }),
    budget: (scale) => scale.audioBudget,
  };
}

/** The VQ-VAE's quantiser (section 3.1). The paper's main text gives no alpha and beta: these are this project's. */
export function vectorQuantiser(scale: Scale): QuantiserConfig {
  return { kind: 'vq', codes, depth: scale.queryDepth, alpha: 0.99, beta: 0.25 };
}

/** The AMAE's quantiser (section 3.2). The paper's main text gives no nu: this one is this project's. */
export function argmaxQuantiser(): QuantiserConfig {
  return { kind: 'argmax', codes, nu: 1e-3 };
}
