import {
  describeSettings,
  nearest,
  parseSettings,
  UserError,
  type Json,
  type SettingDescription,
} from '@fermata/core';
import { decaySettings, trainingSettings } from '@fermata/training';
import { z } from 'zod';

import { describeModel, settingsOfModel, type ModelConfig } from '../models';
import { budgetSettings, type Budget, type Scale } from '../scales';
import { budgetOf, modelOf } from './modelOf';
import type { Row } from './row';
import { defaultLoop, withFittingWarmUp, type LoopSettings } from './training';

/** Changes to a row's own settings, by path: `{ "model.quantiser.alpha": 0.99 }`. The prefix `model.` is optional. */
export type Settings = Readonly<Record<string, Json>>;

/** The settings that a row is trained with. */
export interface RowConfig {
  readonly model: ModelConfig;
  readonly budget: Budget;
  readonly loop: LoopSettings;
}

const { adam, clipNorm, polyakDecay, logEvery, evaluateEvery, checkpointEvery } = trainingSettings.shape;
const loopSettings = {
  schedule: decaySettings.describe('decay of the learning rate after the warm-up'),
  adam,
  clipNorm,
  polyakDecay,
  logEvery,
  evaluateEvery,
  checkpointEvery,
};

/** Declaration of all settings of a row: those of its model, its budget and its training loop. */
export function rowSettings(row: Row, scale: Scale): z.ZodType {
  const model = modelOf(row, scale);
  return z.strictObject({
    model: settingsOfModel(model).settings,
    budget: budgetSettings,
    ...loopSettings,
  });
}

/**
 * The settings of a row at a scale, with changes to some of its own.
 *
 * @throws UserError for a setting that the row does not have, and for a value that breaks a rule
 */
export function rowConfig(row: Row, scale: Scale, settings: Settings = {}): RowConfig {
  const model = modelOf(row, scale);
  const where = `#${row.id}`;
  requireKnownGroups(Object.keys(settings), row);
  const changes = Object.entries(settings).map(([path, value]) => [fullPath(path), value] as const);
  requireChangeable(changes, model, row);
  const before = budgetOf(row, scale);
  const own = { model: model.config, budget: before } as object as Json;
  const { budget: given } = parseSettings(
    z.looseObject({ budget: budgetSettings }),
    changed(own, changes.filter(isBudget)),
    where,
  );
  const isWarmUpGiven = changes.some(([path]) => holds(path, 'budget.warmUpSteps'));
  const budget = isWarmUpGiven ? given : withFittingWarmUp(given, before);
  const defaults = { model: model.config, budget, ...defaultLoop(budget) } as object as Json;
  const tree = changed(defaults, changes);
  const declared = rowSettings(row, scale);
  const parsed = parseSettings(
    declared,
    withoutForeign(
      tree,
      declared,
      changes.map(([path]) => path),
    ),
    where,
  ) as { model: ModelConfig['config']; budget: Budget } & LoopSettings;
  const { model: config, budget: parsedBudget, ...parsedLoop } = parsed;
  const result = { kind: model.kind, config } as ModelConfig;
  requireWholeCodes(result, parsedBudget, where);
  return { model: result, budget: parsedBudget, loop: parsedLoop };
}

/**
 * Describes every setting of a row at a scale: value, default, rule and meaning. @throws UserError like {@link
 * rowConfig}
 */
export function settingsOfRow(row: Row, scale: Scale, settings: Settings = {}): SettingDescription[] {
  const { model, budget, loop } = rowConfig(row, scale, settings);
  return describeSettings(rowSettings(row, scale), { model: model.config, budget, ...loop });
}

const groups = ['model', 'budget', ...Object.keys(loopSettings)];

function fullPath(path: string): string {
  return groups.includes(path.split('.')[0]) ? path : `model.${path}`;
}

/** @throws UserError for a misspelt group, because its settings would otherwise be looked up in the model */
function requireKnownGroups(paths: readonly string[], { id }: Row): void {
  for (const path of paths) {
    const [group, ...rest] = path.split('.');
    const meant = groups.includes(group) || rest.length === 0 ? undefined : nearest(group, groups);
    if (meant !== undefined) {
      throw new UserError(`#${id}: ${path} is not a setting.`, `Did you mean ${[meant, ...rest].join('.')}?`);
    }
  }
}

const isBudget = ([path]: readonly [string, Json]): boolean => path.split('.')[0] === 'budget';

/** True for the path of a setting, or of an object that contains it. */
const holds = (path: string, setting: string): boolean => `${setting}.`.startsWith(`${path}.`);

/** @throws UserError for the path of a setting that tells rows apart, or of an object that contains such a setting */
function requireChangeable(
  changes: readonly (readonly [path: string, value: Json])[],
  model: ModelConfig,
  { id }: Row,
): void {
  const fixed = settingsOfModel(model).fixed.map((name) => `model.${name}`);
  for (const [path] of changes) {
    const setting = fixed.find((name) => holds(path, name));
    if (setting === undefined) continue;
    if (setting === path) {
      throw new UserError(
        `#${id}: ${path} cannot be changed, because it tells rows apart.`,
        'Choose another row.',
      );
    }
    throw new UserError(
      `#${id}: ${path} cannot be changed as a whole, because ${setting} tells rows apart.`,
      'Change its settings one by one.',
    );
  }
}

// Copies the tree with the changes.
function changed(tree: Json, changes: readonly (readonly [path: string, value: Json])[]): Json {
  return changes.reduce((copy, [path, value]) => withValue(copy, path.split('.'), value), tree);
}

// Sets keys as own properties, whatever their names; lists are settings as a whole.
function withValue(tree: Json | undefined, [key, ...others]: readonly string[], value: Json): Json {
  const isTree = typeof tree === 'object' && tree !== null && !Array.isArray(tree);
  const object = (isTree ? tree : {}) as Readonly<Record<string, Json | undefined>>;
  const inner = Object.hasOwn(object, key) ? object[key] : undefined;
  return { ...object, [key]: others.length === 0 ? value : withValue(inner, others, value) };
}

// A different kind of schedule or codebook has different settings. This removes the row's own settings that the new
// kind lacks, but not given ones.
function withoutForeign(tree: Json, schema: z.ZodType, given: readonly string[]): Json {
  const parsed = schema.safeParse(tree);
  if (parsed.success) return tree;
  const [issue] = parsed.error.issues;
  if (issue.code !== 'unrecognized_keys') return tree;
  const place = issue.path.map(String);
  const isGiven = (path: string): boolean => given.some((one) => holds(path, one) || holds(one, path));
  const foreign = issue.keys.filter((key) => !isGiven([...place, key].join('.')));
  if (foreign.length === 0) return tree;
  const copy = structuredClone(tree) as Record<string, Json>;
  const object = place.reduce((inner, key) => inner[key] as Record<string, Json>, copy);
  for (const key of foreign) Reflect.deleteProperty(object, key);
  return withoutForeign(copy, schema, given);
}

function requireWholeCodes(model: ModelConfig, { cropLength }: Budget, where: string): void {
  const { hop } = describeModel(model);
  if (cropLength % hop === 0) return;
  throw new UserError(
    `${where}: budget.cropLength is ${cropLength}.`,
    `It must be a multiple of the hop, ${hop}.`,
  );
}
