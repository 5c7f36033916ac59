import { quantiserSettings } from '@fermata/quantisers';
import { alphabet, inputFormat, localModelSettings, stackSizes } from '@fermata/wavenet';
import { z } from 'zod';

/**
 * Places where an encoder can lower the rate from symbols to codes: at its output, as in the paper, or at its input.
 */
export const downsamplings = ['output', 'input'] as const;

/** Encoder: centred gated layers of width 3. */
export const encoderSettings = z.strictObject({
  input: inputFormat,
  ...stackSizes.shape,
  downsampling: z
    .enum(downsamplings)
    .describe('place where the rate falls from symbols to codes; at the input, dilations are in codes')
    .default('output'),
});

/** An autoregressive discrete autoencoder. */
export const autoencoderSettings = z.strictObject({
  symbols: alphabet,
  hop: z.int().min(1).describe('h, symbols for each code'),
  encoder: encoderSettings.describe('encoder: from symbols to queries'),
  quantiser: quantiserSettings.describe('bottleneck: from queries to codes'),
  modulator: stackSizes.describe(
    'modulator: from quantised queries to conditioning; centred layers of width 3',
  ),
  decoder: localModelSettings.describe('local model: a WaveNet conditioned on the modulator'),
});

/** An encoder in plain JSON. */
export type EncoderConfig = Readonly<z.input<typeof encoderSettings>>;
/** An autoregressive discrete autoencoder in plain JSON. */
export type AutoencoderConfig = Readonly<z.input<typeof autoencoderSettings>>;
