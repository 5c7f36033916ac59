import type { z } from 'zod';

import { alternativesOf, chosenAlternative, isObject, jsonSchemaOf, ruleOf, type JsonSchema } from './rules';

/** Description of one setting for people. */
export interface SettingDescription {
  /** Keys from the outermost object on, joined by dots: `model.quantiser.alpha`. */
  readonly path: string;
  /** Value; absent if the setting is left out. */
  readonly value?: unknown;
  /** Default; absent if the setting has none. */
  readonly default?: unknown;
  /** True if the setting may be left out. */
  readonly isOptional: boolean;
  /** Rule for values: `a number above 0`. */
  readonly rule: string;
  readonly meaning: string;
}

/**
 * Lists every setting that a value of a schema has or may have, in the order of the declaration. For a union it lists
 * only the alternative of the value, with the choice itself. Lists are settings as a whole.
 */
export function describeSettings(schema: z.ZodType, value: unknown): SettingDescription[] {
  return [...describe(jsonSchemaOf(schema), value, '', false)];
}

function* describe(
  node: JsonSchema,
  value: unknown,
  path: string,
  isOptional: boolean,
): Generator<SettingDescription> {
  const isUnion = alternativesOf(node) !== undefined;
  const object = isUnion ? chosenAlternative(node, value) : node;
  if (object?.properties === undefined || (isOptional && value === undefined)) {
    yield {
      path,
      ...(value !== undefined && { value }),
      ...(node.default !== undefined && { default: node.default }),
      isOptional,
      rule: ruleOf(node),
      meaning: node.description ?? '',
    };
    return;
  }
  const choices = alternativesOf(node);
  for (const [key, property] of Object.entries(object.properties)) {
    const shown = choices === undefined ? property : withAllChoices(property, key, choices);
    const inner = isObject(value) ? value[key] : undefined;
    const required = object.required?.includes(key) ?? false;
    yield* describe(shown, inner, path === '' ? key : `${path}.${key}`, !required);
  }
}

// A discriminator may have the value of any alternative.
function withAllChoices(property: JsonSchema, key: string, alternatives: readonly JsonSchema[]): JsonSchema {
  if (!('const' in property)) return property;
  const values = alternatives.flatMap(({ properties }) => {
    const other = properties?.[key];
    return other !== undefined && 'const' in other ? [other.const] : (other?.enum ?? []);
  });
  const { const: own, ...rest } = property;
  return { ...rest, enum: [...new Set([own, ...values])] };
}
