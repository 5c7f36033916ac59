import type { EncoderConfig } from '@fermata/autoencoder';
import type { InputFormat } from '@fermata/wavenet';
import type { QuantiserConfig } from '@fermata/quantisers';

import type { Heading, PaperNumbers, Row } from '../row';
import type { Scale } from '../scales';

/** 8-bit mu-law. */
export const audioSymbols = 256;
/** Of all audio, in Hz. */
export const audioRate = 16_000;
/** The size of every codebook, k. */
export const codes = 256;

/** What tells the autoencoders of Table 1 apart. */
export interface AutoencoderRow {
  readonly id: string;
  readonly title: string;
  readonly heading?: Heading;
  readonly paper?: PaperNumbers;
  /** Of the encoder and of the decoder alike (section 4.1), unless the decoder's is given. */
  readonly input?: InputFormat;
  readonly decoderInput?: InputFormat;
  /** 8 where absent. */
  readonly hop?: number;
  /** Levels of mu-law: 256 where absent. */
  readonly levels?: number;
  readonly quantiser: (scale: Scale) => QuantiserConfig;
  /** Changes the encoder of the scale. */
  readonly encoder?: (scale: Scale) => Partial<EncoderConfig>;
}

/** A row of Table 1 with an autoregressive discrete autoencoder on audio. */
export function autoencoderRow(row: AutoencoderRow): Row {
  const { id, title, heading, paper, levels, quantiser, encoder } = row;
  const { input = 'continuous', decoderInput = input, hop = 8 } = row;
  return {
    id,
    title,
    ...(heading && { heading }),
    ...(paper && { paper }),
    ...(levels && { levels }),
    sequence: 'audio',
    model: (scale) => ({
      kind: 'autoencoder',
      config: {
        symbols: levels ?? audioSymbols,
        hop,
        encoder: { input, ...scale.encoder, ...encoder?.(scale) },
        quantiser: quantiser(scale),
        modulator: scale.modulator,
        decoder: { input: decoderInput, ...scale.localModel },
      },
    }),
    budget: (scale) => scale.audioBudget,
  };
}

/** The VQ-VAE's quantiser (section 3.1). The paper's main text gives no alpha and beta: these are this project's. */
export function vectorQuantiser(scale: Scale): QuantiserConfig {
  return { kind: 'vq', codes, depth: scale.queryDepth, alpha: 0.95, beta: 0.25 };
}

/** The AMAE's quantiser (section 3.2). The paper's main text gives no nu: this one is this project's. */
export function argmaxQuantiser(): QuantiserConfig {
  return { kind: 'argmax', codes, diversity: { kind: 'squared-sum', nu: 1e-3 } };
}
