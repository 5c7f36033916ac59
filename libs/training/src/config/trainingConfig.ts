import { integer, real, record, variant, withDefault } from './schema';
import type { Schema } from './schema';

/** How the learning rate moves over the steps, after a warm-up that raises it from 0 in a straight line. */
export type LearningRateSchedule =
  | { readonly kind: 'constant'; readonly warmUpSteps: number }
  /** Halved every so many steps. */
  | { readonly kind: 'halving'; readonly every: number; readonly warmUpSteps: number }
  /** Multiplied at each step by the same factor, down to `finalFraction` of the start after the last step. */
  | { readonly kind: 'exponential'; readonly finalFraction: number; readonly warmUpSteps: number }
  /** Half a cosine, down to `finalFraction` of the start after the last step. */
  | { readonly kind: 'cosine'; readonly finalFraction: number; readonly warmUpSteps: number };

/** How a model is trained: plain JSON, a part of the hash that names the run. */
export interface TrainingConfig {
  /** Every random draw of the run comes from it. */
  readonly seed: number;
  /** Optimiser steps in all. */
  readonly steps: number;
  /** Excerpts a batch. */
  readonly batchSize: number;
  /** Timesteps an excerpt. */
  readonly cropLength: number;
  readonly learningRate: number;
  readonly schedule: LearningRateSchedule;
  readonly adam: { readonly beta1: number; readonly beta2: number; readonly epsilon: number };
  /** Gradients of a larger global norm are scaled down to it; 0 leaves them alone. */
  readonly clipNorm: number;
  /** Decay of the Polyak average of the weights; 0 keeps none. */
  readonly polyakDecay: number;
  /** Steps between lines of metrics. */
  readonly logEvery: number;
  /** Steps between evaluations; 0 evaluates at the end alone. */
  readonly evaluateEvery: number;
  /** Steps between checkpoints. */
  readonly checkpointEvery: number;
}

const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const constant = { kind: 'constant' as const, warmUpSteps: 0 };
const warmUpSteps = withDefault(integer(), constant.warmUpSteps);
const finalFraction = withDefault(real({ above: 0, to: 1 }), 0.1);

/** Checks a TrainingConfig; what the paper's main text does not give has a default that is this project's choice. */
export const trainingConfigSchema: Schema<TrainingConfig> = record({
  seed: integer(),
  steps: integer({ from: 1 }),
  batchSize: integer({ from: 1 }),
  cropLength: integer({ from: 1 }),
  learningRate: withDefault(real({ above: 0 }), 1e-3),
  schedule: withDefault(
    variant({
      constant: { warmUpSteps },
      halving: { every: integer({ from: 1 }), warmUpSteps },
      exponential: { finalFraction, warmUpSteps },
      cosine: { finalFraction, warmUpSteps },
    }),
    constant,
  ),
  adam: withDefault(
    record({
      beta1: withDefault(real({ from: 0, below: 1 }), adam.beta1),
      beta2: withDefault(real({ from: 0, below: 1 }), adam.beta2),
      epsilon: withDefault(real({ above: 0 }), adam.epsilon),
    }),
    adam,
  ),
  clipNorm: withDefault(real({ from: 0 }), 1),
  polyakDecay: withDefault(real({ from: 0, below: 1 }), 0.999),
  logEvery: withDefault(integer({ from: 1 }), 50),
  evaluateEvery: withDefault(integer(), 0),
  checkpointEvery: withDefault(integer({ from: 1 }), 500),
});
