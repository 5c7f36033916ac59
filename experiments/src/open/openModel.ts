import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { asFileError, parseSettings, randomKey, UserError } from '@fermata/core';
import type { DrawSettings, Level, Model, Prior } from '@fermata/models';
import { loadModel, loadWeightsFile, RunStore } from '@fermata/training';

import { createModel, describeModel, parseModel, type ModelConfig } from '../models';
import { findRun } from './findRun';
import { modelCard, type ModelCard } from './modelCard';
import { requireRole } from './role';

/** The name of a trained model: a run by its id or the beginning of its id, or a folder written by `fermata export`. */
export type ModelName =
  { readonly run: string; readonly model?: undefined } | { readonly model: string; readonly run?: undefined };

/** Files of an exported model. */
export const exportedFiles = { card: 'model.json', weights: 'model.safetensors' } as const;

/** A trained model with the levels below it, ready for use. The caller disposes of it. */
export interface OpenedModel {
  readonly card: ModelCard;
  readonly model: Model;
  /** The models below, level 1 first; empty for a model of audio. */
  readonly below: readonly OpenedModel[];
  /** Frees the model and the levels below. */
  dispose(): void;
}

/**
 * Opens a trained model by name, with the levels below it. It needs no training data.
 *
 * @throws UserError for an unknown run, a folder without an exported model, and a model with an unfinished training
 */
export function openModel(name: ModelName): OpenedModel {
  return name.run === undefined ? openExported(name.model) : openRun(name.run);
}

function openRun(beginning: string): OpenedModel {
  const card = findRun(beginning);
  const run = new RunStore().list().find(({ id }) => id === card.run)!;
  if (run.result() === undefined) {
    throw new UserError(
      `The training of run ${card.run} is not finished: ${card.steps} of ${card.plannedSteps} steps.`,
      `Continue it with \`fermata train ${card.row} --scale ${card.scale}\`.`,
    );
  }
  const model = createModel(card.model, randomKey('opened'));
  loadModel(run, model);
  return opened(card, model, card.below.map(openRun));
}

function openExported(folder: string): OpenedModel {
  const card = readCard(folder);
  const model = createModel(card.model, randomKey('opened'));
  loadWeightsFile(join(folder, exportedFiles.weights), model);
  const below = card.below.map((_, index) => openExported(levelFolder(folder, index + 1)));
  return opened(card, model, below);
}

/** The folder of a level below an exported model. */
export function levelFolder(folder: string, level: number): string {
  return join(folder, `level-${level}`);
}

function readCard(folder: string): ModelCard {
  const path = join(folder, exportedFiles.card);
  if (!existsSync(path)) {
    throw new UserError(
      `${folder}: this folder has no exported model.`,
      'Write one with `fermata export RUN FOLDER`, or name a run with --run.',
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw asFileError(error, path);
    throw new UserError(`${path}: not JSON.`, 'Export the model again.');
  }
  const card = parseSettings(modelCard, json, path);
  const model = parseModel(card.model as unknown as ModelConfig, `${path}: model`);
  return { ...card, model };
}

function opened(card: ModelCard, model: Model, below: readonly OpenedModel[]): OpenedModel {
  return {
    card,
    model,
    below,
    dispose() {
      model.dispose();
      for (const level of below) level.dispose();
    },
  };
}

/**
 * Levels of an opened model, level 1 first: the levels below, and the model itself if it is a level.
 *
 * @param settings settings of each level, level 1 first and the prior last, in place of those for all levels
 */
export function levelsOfOpened(
  { model, below }: OpenedModel,
  settings: readonly DrawSettings[] = [],
): Level[] {
  const levels = below.map(({ model: lower }, index) => requireLevel(lower, settings[index]));
  const top = model.asLevel?.(settings[below.length]);
  return top === undefined ? levels : [...levels, top];
}

/**
 * Turns an opened model into a prior on the levels below it. @throws UserError if the model cannot draw from nothing
 */
export function priorOfOpened({ model, card }: OpenedModel, settings?: DrawSettings): Prior {
  requireRole(`Row ${card.row}`, describeModel(card.model), 'prior');
  return model.asPrior!(settings);
}

function requireLevel(model: Model, settings: DrawSettings | undefined): Level {
  const level = model.asLevel?.(settings);
  if (level === undefined) throw new RangeError('the model below another is not a level');
  return level;
}
