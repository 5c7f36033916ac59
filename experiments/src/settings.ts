import { UserError, type Json } from '@fermata/core';

import type { ModelConfig } from './model';
import type { Row } from './row';
import type { Budget, Scale } from './scales';

/** Changes to what a row is trained with, by the path of each setting: `{ "quantiser.alpha": 0.99 }`. */
export type Settings = Readonly<Record<string, Json>>;

/** What a row is trained with. */
export interface RowConfig {
  readonly model: ModelConfig;
  readonly budget: Budget;
}

/** What makes a row that row, and its data. */
const fixed: readonly string[] = ['symbols', 'hop', 'quantiser.kind'];

/**
 * A row's own settings at a scale with some of them changed. Those of the budget are under `budget`, the others are the
 * model's: `budget.learningRate`, `decoder.channels`, `quantiser.diversity.nu`.
 *
 * @throws UserError for a setting that the row does not have, and for a value that is of another kind than its own
 */
export function rowConfig(row: Row, scale: Scale, settings: Settings = {}): RowConfig {
  const model = row.model(scale);
  const changed: Json = structuredClone({ ...model.config, budget: row.budget(scale) }) as object as Json;
  const known = new Map([...Object.entries(optionalSettings(model)), ...leaves(changed)]);
  for (const [path, value] of Object.entries(settings)) {
    const own = known.get(path);
    if (own === undefined) throw unknownSetting(path, row, [...known.keys()]);
    if (kindOf(value) !== kindOf(own)) {
      throw new UserError(
        `${path} is ${JSON.stringify(value)}, but must be ${kindOf(own)}.`,
        `#${row.id} has ${JSON.stringify(own)}.`,
      );
    }
    assign(changed, path, value);
  }
  const { budget, ...config } = changed as object as ModelConfig['config'] & { readonly budget: Budget };
  return { model: { ...model, config } as ModelConfig, budget };
}

/** Settings that the row may have and need not, with values of their kind. */
function optionalSettings(model: ModelConfig): Settings {
  if (model.kind === 'wavenet') return {};
  const { kind } = model.config.quantiser;
  return {
    'encoder.downsampling': 'output',
    ...(kind === 'vq' && { 'quantiser.restartBelow': 0 }),
    ...(kind === 'argmax' && { 'quantiser.beta': 0 }),
  };
}

function unknownSetting(path: string, { id }: Row, known: readonly string[]): UserError {
  if (fixed.includes(path)) {
    return new UserError(`${path}: cannot be changed.`, 'Choose another row.');
  }
  return new UserError(`${path}: #${id} has no such setting.`, `Choose among ${known.join(', ')}.`);
}

/** Every setting by its path; lists are settings as a whole. */
function leaves(config: Json, path = ''): Map<string, Json> {
  if (!isObject(config)) return new Map([[path, config]]);
  return new Map(
    Object.entries(config).flatMap(([key, value]) => {
      const inner = path === '' ? key : `${path}.${key}`;
      return value === undefined || fixed.includes(inner) ? [] : [...leaves(value, inner)];
    }),
  );
}

function assign(config: Json, path: string, value: Json): void {
  const [first, ...rest] = path.split('.');
  const inner = config as Record<string, Json>;
  if (rest.length === 0) inner[first] = value;
  else assign(inner[first], rest.join('.'), value);
}

function kindOf(value: Json): string {
  if (Array.isArray(value)) return 'a list of numbers';
  return (
    { number: 'a number', string: 'a word', boolean: 'true or false' }[typeof value as string] ?? 'nothing'
  );
}

function isObject(value: Json): value is Readonly<Record<string, Json | undefined>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
