import type { z } from 'zod';

import { UserError } from '../errors';
import { nearest } from './nearest';
import {
  alternativesOf,
  chosenAlternative,
  constantsOf,
  discriminatorOf,
  isObject,
  jsonSchemaOf,
  ruleOf,
  type JsonSchema,
} from './rules';

/**
 * Checks settings once, on the way in: every key must be known, and every value in range. Returns a new value with all
 * defaults filled in, so that equal settings have equal hashes in whatever form they were written.
 *
 * @param where file or definition of the settings, named in errors
 * @throws UserError that names the key, its value and the rule, with the nearest key or word for a spelling mistake
 */
export function parseSettings<S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw settingsError(schema, value, parsed.error, where);
}

/** Turns the first broken rule into an error that the user can fix. */
function settingsError(schema: z.ZodType, value: unknown, { issues }: z.ZodError, where: string): UserError {
  const [issue] = issues;
  const { path, node, found } = resolveIssue(jsonSchemaOf(schema), value, issue);
  const place = path.length === 0 ? where : `${where}: ${path.join('.')}`;
  if (issue.code === 'unrecognized_keys') {
    const [key] = issue.keys;
    const given = isObject(found) ? found[key] : undefined;
    return unknownKey(`${path.length === 0 ? `${where}: ` : `${place}.`}${key}`, given, key, node);
  }
  if (issue.code === 'custom') return new UserError(`${place} is ${print(found)}.`, issue.message);
  const rule = node === undefined ? issue.message : ruleOf(node);
  if (found === undefined && path.length > 0) {
    return new UserError(`${place} is missing.`, `It must be ${rule}.`);
  }
  const words = node === undefined ? [] : constantsOf(node).map(String);
  const guess = typeof found === 'string' ? nearest(found, words) : undefined;
  const question = guess === undefined ? '' : ` Did you mean ${guess}?`;
  return new UserError(`${place} is ${print(found)}.`, `It must be ${rule}.${question}`);
}

interface Place {
  readonly path: readonly string[];
  /** Schema that the value breaks; undefined if JSON Schema cannot express the rule. */
  readonly node: JsonSchema | undefined;
  readonly found: unknown;
}

// Walks to the issue's place. If a union has no alternative for the value, the discriminator is wrong.
function resolveIssue(root: JsonSchema, value: unknown, issue: z.core.$ZodIssue): Place {
  let place: Place = { path: [], node: root, found: value };
  for (const key of issue.path) place = step(place, String(key));
  const alternatives = place.node && alternativesOf(place.node);
  if (alternatives === undefined || !isObject(place.found)) return place;
  const chosen = chosenAlternative(place.node!, place.found);
  if (chosen !== undefined) return { ...place, node: chosen };
  const key = discriminatorOf(alternatives);
  if (key === undefined) return place;
  const allowed = alternatives.flatMap(({ properties }) => constantsOf(properties?.[key]));
  return { path: [...place.path, key], node: { enum: [...new Set(allowed)] }, found: place.found[key] };
}

function step({ path, node, found }: Place, key: string): Place {
  const object = node && (alternativesOf(node) === undefined ? node : chosenAlternative(node, found));
  const inner = object?.type === 'array' ? object.items : object?.properties?.[key];
  // No alternative has this discriminator, so the values of all are allowed.
  const values = (node === undefined ? undefined : alternativesOf(node))?.flatMap(({ properties }) =>
    constantsOf(properties?.[key]),
  );
  const allowed = values !== undefined && values.length > 0 ? { enum: [...new Set(values)] } : undefined;
  const next = Array.isArray(found)
    ? (found as unknown[])[Number(key)]
    : isObject(found)
      ? found[key]
      : undefined;
  return { path: [...path, key], node: allowed ?? inner, found: next };
}

function unknownKey(place: string, value: unknown, key: string, node: JsonSchema | undefined): UserError {
  const known = Object.keys(node?.properties ?? {});
  const guess = nearest(key, known);
  return new UserError(
    `${place} (${print(value)}) is not a key of this config.`,
    guess === undefined ? `The keys are ${known.join(', ')}.` : `Did you mean ${guess}?`,
  );
}

/** Prints a value as JSON, or as JavaScript does if JSON has no word for it: NaN, undefined. */
function print(value: unknown): string {
  if (typeof value === 'number' || value === undefined) return String(value);
  return JSON.stringify(value);
}
