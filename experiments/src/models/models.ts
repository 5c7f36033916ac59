import { autoencoderKind, type AutoencoderConfig } from '@fermata/autoencoder';
import { parseSettings, type RandomKey } from '@fermata/core';
import type { Model, ModelFacts, ModelKind } from '@fermata/models';
import { waveNetKind, type WaveNetConfig } from '@fermata/wavenet';
import { z } from 'zod';

/** The kinds of models with their configs. A new kind is one entry here and one in `kinds`. */
export interface ModelConfigs {
  readonly wavenet: WaveNetConfig;
  readonly autoencoder: AutoencoderConfig;
}

type KindName = keyof ModelConfigs;

/** A model in plain JSON. It identifies runs, and determines the model that a checkpoint is loaded into. */
export type ModelConfig = {
  readonly [K in KindName]: { readonly kind: K; readonly config: ModelConfigs[K] };
}[KindName];

type AnyKind = ModelKind<ModelConfigs[KindName]>;

const kinds = new Map<string, AnyKind>(
  [waveNetKind, autoencoderKind].map((kind) => [kind.name, kind as AnyKind]),
);

/** Creates a model with fresh weights. @throws UserError for a config that breaks a rule */
export function createModel(model: ModelConfig, key: RandomKey): Model {
  return kindOf(model).create(model.config, key);
}

/** The facts about a model that follow from its config: sizes, receptive fields, roles. */
export function describeModel(model: ModelConfig): ModelFacts {
  return kindOf(model).describe(model.config);
}

/**
 * Fills in all defaults of a model.
 *
 * @param where names the config in errors
 * @throws UserError for an unknown kind and for a setting that breaks a rule
 */
export function parseModel(model: ModelConfig, where: string): ModelConfig {
  const { settings } = kindOf(model);
  return { kind: model.kind, config: parseSettings(settings, model.config, where) } as ModelConfig;
}

/** Declaration of a model's settings, with the fixed paths that tell rows apart. */
export function settingsOfModel(model: ModelConfig): Pick<AnyKind, 'settings' | 'fixed'> {
  return kindOf(model);
}

/** Adds a kind of model while a function runs, for specs with kinds of their own. */
export async function withModelKind<C extends object, T>(
  kind: ModelKind<C>,
  use: () => T | Promise<T>,
): Promise<T> {
  kinds.set(kind.name, kind as unknown as AnyKind);
  try {
    return await use();
  } finally {
    kinds.delete(kind.name);
  }
}

function kindOf({ kind }: ModelConfig): AnyKind {
  const found = kinds.get(kind);
  if (found !== undefined) return found;
  const names = z.strictObject({ kind: z.enum([...kinds.keys()] as [string, ...string[]]) });
  parseSettings(names, { kind }, 'model');
  throw new RangeError(`no model is of the kind ${kind}`);
}
