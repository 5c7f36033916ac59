import { z } from 'zod';

const count = z.int().nonnegative();
const nats = z.number();
const decibels = z.number().nullable();

/** The codes of a held-out split. */
export const codesOutcome = z.object({
  perplexity: z.number().describe('perplexity of the codes of the whole held-out split'),
  oneSecondPerplexity: z
    .number()
    .nullable()
    .describe(
      'mean perplexity of the codes of each second, the † of Table 1; null if no piece lasts a second',
    ),
  codesInUse: count.describe('codes that occur in the whole held-out split'),
  histogram: z.array(count).readonly().describe('occurrences of each code'),
  shuffledNll: nats.describe(
    'NLL with the codes of each piece in random order: its distance from evalNll shows how much the codes matter',
  ),
});

/** Measurements of a model on held-out data. NLLs are in nats per timestep of its sequence. */
export const measured = z.object({
  trainNll: nats.describe('over an equally large part of the training split'),
  evalNll: nats.describe('over the scored part of the held-out split'),
  positions: count.describe('number of timesteps averaged in evalNll'),
  shuffledPastNll: z.exactOptional(
    nats.describe(
      "NLL with a decoder's past in random order: its distance from evalNll shows how much the past matters",
    ),
  ),
  codes: z.exactOptional(codesOutcome.describe('absent for models without codes')),
});

/** A trained row: the columns of its table. */
export const rowOutcome = z.object({
  row: z.string(),
  run: z.string(),
  ...measured.shape,
  parameters: count,
  receptiveField: count.describe('r, in timesteps of the sequence modelled'),
  timesteps: count.describe('timesteps trained on'),
  seconds: z.number().describe('seconds of training'),
});

/** An excerpt of a held-out recording and its reconstruction. */
export const reconstruction = z.object({
  piece: z.string(),
  title: z.string(),
  startSeconds: z.number(),
  original: z.string().describe("WAV file in the run's folder"),
  reconstruction: z.string().describe("WAV file in the run's folder"),
  logSpectralDistance: decibels,
  loudnessDeviation: decibels,
});

export type CodesOutcome = Readonly<z.output<typeof codesOutcome>>;
export type Measured = Readonly<z.output<typeof measured>>;
export type RowOutcome = Readonly<z.output<typeof rowOutcome>>;
export type Reconstruction = Readonly<z.output<typeof reconstruction>>;
