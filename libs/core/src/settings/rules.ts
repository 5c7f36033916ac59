import { z } from 'zod';

/** The part of JSON Schema (2020-12) that declarations of settings use. */
export interface JsonSchema {
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null';
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
}

/** Converts a declaration to JSON Schema for user input: keys with a default are optional. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
}

/** Lists the schemas that a union, with all unions inside it, chooses among; undefined for any other schema. */
export function alternativesOf({ oneOf, anyOf }: JsonSchema): readonly JsonSchema[] | undefined {
  return (oneOf ?? anyOf)?.flatMap((one) => alternativesOf(one) ?? [one]);
}

/**
 * Finds the key whose value chooses among the objects of a union: the first key that is a constant in all options, with
 * different values. Undefined if no key is.
 */
export function discriminatorOf(alternatives: readonly JsonSchema[]): string | undefined {
  const [first] = alternatives;
  return Object.keys(first.properties ?? {}).find((key) => {
    const constants = alternatives.map(({ properties }) => constantsOf(properties?.[key]));
    return constants.every(({ length }) => length > 0) && new Set(constants.flat()).size > 1;
  });
}

/** Lists the only values that a schema allows; empty if it allows a range. */
export function constantsOf(schema: JsonSchema | undefined): readonly unknown[] {
  if (schema === undefined) return [];
  return 'const' in schema ? [schema.const] : (schema.enum ?? []);
}

/**
 * Finds the alternative of a union that a value belongs to, by the union's discriminator; a key with a default may be
 * absent. Undefined if no alternative fits.
 */
export function chosenAlternative(schema: JsonSchema, value: unknown): JsonSchema | undefined {
  let alternatives = alternativesOf(schema) ?? [];
  while (alternatives.length > 1) {
    const key = discriminatorOf(alternatives);
    if (key === undefined || !isObject(value)) return undefined;
    alternatives = alternatives.filter(({ properties }) => {
      const property = properties![key];
      return constantsOf(property).includes(value[key] === undefined ? property.default : value[key]);
    });
  }
  return alternatives.at(0);
}

/** Describes the allowed values in words that finish the sentence "It must be …". */
export function ruleOf(schema: JsonSchema): string {
  const constants = constantsOf(schema);
  if (constants.length === 1) return JSON.stringify(constants[0]);
  if (constants.length > 1) return `one of ${list(constants)}`;
  const alternatives = alternativesOf(schema);
  if (alternatives !== undefined) return unionRule(alternatives);
  switch (schema.type) {
    case 'integer':
      return integerRule(schema);
    case 'number':
      return numberRule(schema);
    case 'string':
      return schema.minLength === undefined ? 'a text' : 'a text that is not empty';
    case 'boolean':
      return 'true or false';
    case 'array':
      return `a list${schema.minItems === undefined ? '' : ` of at least ${schema.minItems}`}, each item ${ruleOf(schema.items ?? {})}`;
    case 'object':
      return `an object with the keys ${Object.keys(schema.properties ?? {}).join(', ')}`;
    case 'null':
      return 'null';
    default:
      return 'any value';
  }
}

function unionRule(alternatives: readonly JsonSchema[]): string {
  const key = discriminatorOf(alternatives);
  if (key === undefined) return alternatives.map(ruleOf).join(', or ');
  const values = alternatives.flatMap(({ properties }) => constantsOf(properties?.[key]));
  return `an object whose ${key} is one of ${list([...new Set(values)])}`;
}

function integerRule({ minimum, maximum }: JsonSchema): string {
  const bounds = [
    ...(isSafeLimit(minimum) ? [] : [` from ${minimum}`]),
    ...(isSafeLimit(maximum) ? [] : [` to ${maximum}`]),
  ];
  return `a whole number${bounds.join('')}`;
}

// zod limits every integer to the safe ones.
function isSafeLimit(bound: number | undefined): boolean {
  return bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER;
}

function numberRule({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  const bounds = [
    ...(minimum === undefined ? [] : [`at least ${minimum}`]),
    ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
    ...(maximum === undefined ? [] : [`at most ${maximum}`]),
    ...(exclusiveMaximum === undefined ? [] : [`below ${exclusiveMaximum}`]),
  ];
  return ['a number', bounds.join(' and ')].join(' ').trim();
}

function list(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(', ');
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
