import { openDataset, type Dataset } from '@fermata/data';
import { randomKey } from '@fermata/core';
import {
  loadModel,
  parseConfig,
  RunStore,
  trainingConfigSchema,
  type Run,
  type TrainingConfig,
} from '@fermata/training';

import { createModel, type Model } from '../model';
import { rowNamed } from '../rows';
import type { Budget } from '../scales';
import { rowConfig, type RowConfig, type Settings } from '../settings';
import type { JobArgument } from './job';

export interface RowArgument extends JobArgument {
  /** The id of the row. */
  readonly row: string;
  /** What the model is measured on: `test` when left out, `validation` while hyper-parameters are searched. */
  readonly heldOut?: 'validation' | 'test';
  /** Changes to the row's own settings, in a search of better ones. */
  readonly settings?: Settings;
}

/** What a row is trained with. @throws UserError for settings that it does not have */
export function configOf({ row, scale, settings }: Omit<RowArgument, 'seed' | 'dataset'>): RowConfig {
  return rowConfig(rowNamed(row), scale, settings);
}

/** The run in which a row's model is trained. */
export function rowRun(argument: RowArgument): Run {
  const { seed } = argument;
  const { model, budget } = configOf(argument);
  return new RunStore().run({
    config: { model, training: trainingConfig(budget, seed) },
    seed,
    data: fingerprintOf(argument.dataset),
  });
}

/** A row's model with the averaged weights that its training ended with. @throws UserError when it is not trained */
export function loadRow(argument: RowArgument): Model {
  const model = freshModel(argument);
  loadModel(rowRun(argument), model);
  return model;
}

/** A row's model before training. */
export function freshModel(argument: Omit<RowArgument, 'dataset'>): Model {
  return createModel(configOf(argument).model, randomKey(`model ${argument.seed}`));
}

/** The settings of the training loop for a budget; those the budget does not name are the same at every scale. */
export function trainingConfig(budget: Budget, seed: number): TrainingConfig {
  const { timesteps, batchSize, cropLength, learningRate, warmUpSteps } = budget;
  const steps = Math.ceil(timesteps / (batchSize * cropLength));
  return parseConfig(
    trainingConfigSchema,
    {
      seed,
      steps,
      batchSize,
      cropLength,
      learningRate,
      schedule: {
        kind: 'cosine',
        finalFraction: 0.02,
        warmUpSteps,
      },
      polyakDecay: polyakDecay(steps),
      logEvery: Math.max(1, Math.round(steps / 40)),
      checkpointEvery: Math.max(1, Math.round(steps / 8)),
    },
    'training',
  );
}

/**
 * The decay of the Polyak average: it looks back over the last hundredth of the steps, but over 100 at least, which is
 * 0.99 up to 10,000 steps. More would be older weights, less is no average where there are hundreds of thousands.
 */
function polyakDecay(steps: number): number {
  return 1 - 1 / Math.max(100, steps / 100);
}

/** The fingerprint of the data in a folder. */
export function fingerprintOf(folder: string): string {
  const dataset: Dataset = openDataset(folder);
  dataset.close();
  return dataset.fingerprint;
}
