import { parseSettings, UserError } from '@fermata/core';
import { trainingSettings, type TrainingConfig } from '@fermata/training';

import type { Budget } from '../scales';

/** Settings of the training loop that are equal at every scale, unless a search changes them. */
export type LoopSettings = Omit<
  TrainingConfig,
  'seed' | 'steps' | 'batchSize' | 'cropLength' | 'learningRate' | 'schedule'
> & { readonly schedule: Omit<TrainingConfig['schedule'], 'warmUpSteps'> };

// Decays to a fiftieth: this project's choice, like all values here.
const defaultSchedule = { kind: 'cosine', finalFraction: 0.02 } as const;

/** Optimiser steps of a budget. */
export function stepsOf({ timesteps, batchSize, cropLength }: Budget): number {
  return Math.ceil(timesteps / (batchSize * cropLength));
}

/**
 * The settings of the training loop for a budget.
 *
 * @throws UserError for a warm-up that is not shorter than the training
 */
export function trainingConfig(
  budget: Budget,
  seed: number,
  loop: Partial<LoopSettings> = {},
): TrainingConfig {
  const { batchSize, cropLength, learningRate, warmUpSteps } = budget;
  const steps = stepsOf(budget);
  if (warmUpSteps >= steps) {
    throw new UserError(
      `budget.warmUpSteps is ${warmUpSteps}, but the training has only ${steps} steps.`,
      'Lower budget.warmUpSteps, or raise budget.timesteps.',
    );
  }
  const { schedule = defaultSchedule, ...rest } = loop;
  return parseSettings(
    trainingSettings,
    {
      seed,
      steps,
      batchSize,
      cropLength,
      learningRate,
      schedule: { ...schedule, warmUpSteps },
      polyakDecay: polyakDecay(steps),
      logEvery: Math.max(1, Math.round(steps / 40)),
      checkpointEvery: Math.max(1, Math.round(steps / 8)),
      ...rest,
    },
    'training',
  );
}

/**
 * Shortens the warm-up of a changed budget that would not end before the training, to its share of the steps of the
 * budget before the change: else the learning rate would never come near its value.
 */
export function withFittingWarmUp(budget: Budget, before: Budget): Budget {
  const steps = stepsOf(budget);
  if (budget.warmUpSteps < steps) return budget;
  return { ...budget, warmUpSteps: Math.floor((steps * before.warmUpSteps) / stepsOf(before)) };
}

/** Default settings of the loop for a budget. */
export function defaultLoop(budget: Budget): LoopSettings {
  const {
    adam,
    clipNorm,
    polyakDecay: decay,
    logEvery,
    evaluateEvery,
    checkpointEvery,
  } = trainingConfig(budget, 0);
  return {
    schedule: defaultSchedule,
    adam,
    clipNorm,
    polyakDecay: decay,
    logEvery,
    evaluateEvery,
    checkpointEvery,
  };
}

/**
 * Decay of the Polyak average: it covers the last hundredth of the steps, but at least 100, which is 0.99 up to 10,000
 * steps. A longer average holds older weights; a shorter one averages too little in long trainings.
 */
function polyakDecay(steps: number): number {
  return 1 - 1 / Math.max(100, steps / 100);
}
