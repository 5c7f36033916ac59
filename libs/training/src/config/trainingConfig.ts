import { z } from 'zod';

const warmUpSteps = z
  .int()
  .min(0)
  .describe('steps in which the learning rate rises from 0 in a straight line')
  .default(0);
const finalFraction = z
  .number()
  .gt(0)
  .max(1)
  .describe('learning rate after the last step, as a fraction of the first')
  .default(0.1);

/** The decay of the learning rate over the steps. */
export const decaySettings = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant').describe('form of the schedule') }),
  z.strictObject({
    kind: z.literal('halving').describe('form of the schedule: halved every so many steps'),
    every: z.int().min(1).describe('steps after which the learning rate is halved'),
  }),
  z.strictObject({
    kind: z
      .literal('exponential')
      .describe('form of the schedule: multiplied at each step by the same factor'),
    finalFraction,
  }),
  z.strictObject({
    kind: z.literal('cosine').describe('form of the schedule: half a cosine'),
    finalFraction,
  }),
]);

const [constant, halving, exponential, cosine] = decaySettings.options;
const schedule = z
  .discriminatedUnion('kind', [
    constant.extend({ warmUpSteps }),
    halving.extend({ warmUpSteps }),
    exponential.extend({ warmUpSteps }),
    cosine.extend({ warmUpSteps }),
  ])
  .default({ kind: 'constant', warmUpSteps: 0 });

const adam = z
  .strictObject({
    beta1: z.number().min(0).lt(1).describe("decay of Adam's first moment").default(0.9),
    beta2: z.number().min(0).lt(1).describe("decay of Adam's second moment").default(0.999),
    epsilon: z.number().gt(0).describe("Adam's ε, added to the root of the second moment").default(1e-8),
  })
  .default({ beta1: 0.9, beta2: 0.999, epsilon: 1e-8 });

/**
 * Settings of the training loop, part of the hash that names a run. If the paper's main text gives no value, the
 * default is this project's choice.
 */
export const trainingSettings = z.strictObject({
  seed: z.int().min(0).describe('seed of every random draw of the run'),
  steps: z.int().min(1).describe('total optimiser steps'),
  batchSize: z.int().min(1).describe('excerpts per batch'),
  cropLength: z.int().min(1).describe('timesteps per excerpt'),
  learningRate: z.number().gt(0).describe("Adam's learning rate, before the schedule").default(1e-3),
  schedule,
  adam,
  clipNorm: z
    .number()
    .min(0)
    .describe('largest global norm of the gradients, which are scaled down to it; 0: no limit')
    .default(1),
  polyakDecay: z
    .number()
    .min(0)
    .lt(1)
    .describe('decay of the Polyak average of the weights; 0: no average')
    .default(0.999),
  logEvery: z.int().min(1).describe('steps between lines of metrics').default(50),
  evaluateEvery: z.int().min(0).describe('steps between evaluations; 0: one at the end').default(0),
  checkpointEvery: z.int().min(1).describe('steps between checkpoints').default(500),
});

/** Settings of a training in plain JSON. */
export type TrainingConfig = Readonly<z.output<typeof trainingSettings>>;
/** Schedule of the learning rate over the steps, after a warm-up. */
export type LearningRateSchedule = TrainingConfig['schedule'];
