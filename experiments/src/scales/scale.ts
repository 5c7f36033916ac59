import { stackSizes, waveNetSizes } from '@fermata/wavenet';
import { z } from 'zod';

const count = z.int().min(1);
const minutes = z.number().gt(0);

/** Length and batches of a training. Budgets are in timesteps of the sequence modelled, never in seconds. */
export const budgetSettings = z.strictObject({
  timesteps: count.describe('total timesteps of the sequence to train on'),
  batchSize: count.describe('excerpts per batch'),
  cropLength: count.describe('timesteps per excerpt, a multiple of the hop'),
  learningRate: z.number().gt(0).describe("Adam's learning rate, before the schedule"),
  warmUpSteps: z
    .int()
    .min(0)
    .describe('steps in which the learning rate rises from 0; a fast rise collapses codebooks'),
});
export type Budget = Readonly<z.output<typeof budgetSettings>>;

/**
 * A scale sets only widths, depths, budgets and amounts of data. Hop sizes, 256 codes, mu-law and the encoder's width
 * of 64 codes are equal at every scale, because the paper's tables are about them. The paper's main text gives no
 * widths and optimiser settings; those here are this project's choice.
 */
export const scaleSettings = z.strictObject({
  name: z.string().min(1).describe('name of the scale'),
  purpose: z.string().min(1).describe('purpose of the scale, in one sentence that a report prints'),
  rows: z.exactOptional(
    z.array(z.string()).readonly().describe("rows of a report; absent: all of the paper's"),
  ),
  trainMinutes: minutes.describe('minutes of music prepared for training, at most'),
  heldOutMinutes: minutes.describe('minutes of music prepared for each held-out split, at most'),
  scoredMinutes: minutes.describe(
    'minutes of audio that NLLs are measured on, at most, shared by the pieces of a split',
  ),
  corpusMinutes: minutes.describe('minutes of the built-in corpus, used if no data are given'),
  unconditional: waveNetSizes.describe('unconditional WaveNets, on audio and on codes'),
  encoder: stackSizes.describe('encoder: centred, at the rate of its input'),
  modulator: stackSizes.describe('modulator: centred, at the rate of the codes'),
  localModel: waveNetSizes.describe('autoregressive local model of a decoder'),
  queryDepth: count.describe("channels of a VQ-VAE's queries"),
  audioBudget: budgetSettings.describe('budget of models of audio'),
  codesBudget: budgetSettings.describe('budget of models of codes'),
  profile: z
    .strictObject({
      receptiveFields: z
        .array(z.int().min(0))
        .min(1)
        .readonly()
        .describe('receptive fields r, in timesteps; 0 stands for the unigram entropy'),
      hidden: count.describe('units of the hidden layers of the predictor'),
      budget: budgetSettings.describe('budget of each point'),
    })
    .describe('predictability profiles (Figure 2)'),
  reconstruction: z
    .strictObject({
      count: count.describe('excerpts'),
      seconds: z.number().gt(0).describe('seconds of each excerpt'),
    })
    .describe('excerpts of test pieces that are encoded and drawn again'),
  generationSeconds: z.number().gt(0).describe('seconds generated from nothing for a report'),
});
export type Scale = Readonly<z.output<typeof scaleSettings>>;
