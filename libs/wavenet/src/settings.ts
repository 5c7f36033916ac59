import { z } from 'zod';

/** Forms of symbols at the input of a network: one real number each, or one-hot vectors (section 4.1). */
export const inputFormats = ['continuous', 'one-hot'] as const;
export type InputFormat = (typeof inputFormats)[number];

const count = z.int().min(1);

/** The alphabet of a sequence. */
export const alphabet = z.int().min(2).max(65_536).describe('size of the alphabet of the sequence');

export const inputFormat = z
  .enum(inputFormats)
  .describe('form of symbols at the input: each as one real number, or as a one-hot vector');

/** The sizes of a stack of gated layers. */
export const stackSizes = z.strictObject({
  dilations: z.array(count).min(1).readonly().describe('timesteps between the taps, layer by layer'),
  channels: count.describe('channels of the residual connections'),
  gate: count.describe('units of each layer after its gate'),
  skip: count.describe('channels of the skip connections'),
});

const conditioning = z.exactOptional(count.describe('channels of the conditioning; absent: none'));
const width = z.literal([2, 3]).describe('taps of each dilated convolution');

/** A stack of gated layers. */
export const stackSettings = z.strictObject({
  ...stackSizes.shape,
  width,
  padding: z.enum(['causal', 'centred']).describe('side on which a convolution sees: the past, or both'),
  conditioning,
});

/** The sizes of a WaveNet. */
export const waveNetSizes = z.strictObject({
  ...stackSizes.shape,
  width,
  head: count.describe('units of the hidden layer between the skip connections and the logits'),
});

/** A WaveNet without its alphabet and its conditioning: the local model of a decoder. */
export const localModelSettings = z.strictObject({ input: inputFormat, ...waveNetSizes.shape });

/** A WaveNet. */
export const waveNetSettings = z.strictObject({
  symbols: alphabet,
  ...localModelSettings.shape,
  conditioning,
});

/** The sizes of a stack, in plain JSON. */
export type StackSizes = Readonly<z.output<typeof stackSizes>>;
/** A stack of gated layers, in plain JSON. */
export type StackConfig = Readonly<z.output<typeof stackSettings>>;
/** The sizes of a WaveNet, in plain JSON. */
export type WaveNetSizes = Readonly<z.output<typeof waveNetSizes>>;
/** A WaveNet in plain JSON. */
export type WaveNetConfig = Readonly<z.output<typeof waveNetSettings>>;
