import { UserError, type Json } from '@fermata/core';
import { parseConfig, schema } from '@fermata/training';

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

const { integer, real, record } = schema;
const budgetSchema = record({
  budget: record({
    timesteps: integer({ from: 1 }),
    batchSize: integer({ from: 1 }),
    cropLength: integer({ from: 1 }),
    learningRate: real({ above: 0 }),
    warmUpSteps: integer(),
  }),
});

/**
 * A row's own settings at a scale with some of them changed. Those of the budget are under `budget`, the others are the
 * model's: `budget.learningRate`, `decoder.channels`, `quantiser.diversity.nu`.
 *
 * Which values a model takes is for its constructor to say.
 *
 * @throws UserError for a setting that the row does not have, for a value that is of another kind than its own, and for
 *   a budget that nothing can be trained with
 */
export function rowConfig(row: Row, scale: Scale, settings: Settings = {}): RowConfig {
  const model = row.model(scale);
  const changed: Json = structuredClone({ ...model.config, budget: row.budget(scale) }) as object as Json;
  const own = leaves(changed);
  const known = new Map([...Object.entries(optionalSettings(model)), ...own]);
  for (const [path, value] of Object.entries(settings)) {
    const example = known.get(path);
    if (example === undefined) throw unknownSetting(path, row, [...known.keys()]);
    if (kindOf(value) !== kindOf(example)) {
      throw new UserError(
        `${path} is ${typeof value === 'number' ? value : JSON.stringify(value)}, but must be ${kindOf(example)}.`,
        `${own.has(path) ? `#${row.id} has` : 'An example is'} ${JSON.stringify(example)}.`,
      );
    }
    assign(changed, path, value);
  }
  if (settings['quantiser.codebook'] === 'gradient' && !('quantiser.alpha' in settings)) {
    // The row's own is of the moving averages, which such a codebook does not have.
    delete (changed as { quantiser: { alpha?: Json } }).quantiser.alpha;
  }
  const { budget, ...config } = changed as object as ModelConfig['config'] & { readonly budget: Budget };
  const result = { model: { ...model, config } as ModelConfig, budget };
  requireTrainable(result, row);
  return result;
}

/** Settings that the row may have and need not, each with an example. */
function optionalSettings(model: ModelConfig): Settings {
  if (model.kind === 'wavenet') return {};
  const { kind } = model.config.quantiser;
  return {
    'encoder.downsampling': 'input',
    ...(kind === 'vq' && { 'quantiser.codebook': 'gradient', 'quantiser.restartBelow': 0.5 }),
    ...(kind === 'argmax' && {
      'quantiser.simplex': 'softmax',
      'quantiser.beta': 0.25,
      'quantiser.epsilon': 1e-5,
    }),
  };
}

function requireTrainable({ model, budget }: RowConfig, { id }: Row): void {
  parseConfig(budgetSchema, { budget }, `#${id}`);
  const hop = model.kind === 'wavenet' ? 1 : model.config.hop;
  if (budget.cropLength % hop !== 0) {
    throw new UserError(
      `#${id}: budget.cropLength is ${budget.cropLength}.`,
      `It must be a multiple of the hop, ${hop}.`,
    );
  }
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
  if (typeof value === 'number' && !Number.isFinite(value)) return 'not finite';
  return (
    { number: 'a number', string: 'a word', boolean: 'true or false' }[typeof value as string] ?? 'nothing'
  );
}

function isObject(value: Json): value is Readonly<Record<string, Json | undefined>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
