import { UserError } from '@fermata/core';

import { nearest } from './nearest';

/** What a value of a config may be. Made by the functions below, put together by `record`, used by `parseConfig`. */
export interface Schema<T> {
  /** In words, to finish the sentence "it must be …". */
  readonly expected: string;
  /** What stands for a value that is left out; schemas without a default make the key required. */
  readonly fallback?: { readonly value: T };
  /** The value with every default filled in. @throws UserError that names the place, the value and what is allowed */
  parse(value: unknown, place: Place): T;
}

/** The type of what a schema parses. */
export type Parsed<S> = S extends Schema<infer T> ? T : never;

/** Where a value stands: in which file or definition, and under which keys. */
export interface Place {
  readonly where: string;
  readonly path: readonly string[];
}

/**
 * Checks a config once, on the way in: every key known, every value in range. Returns a new value of exactly the
 * schema's type, with the defaults filled in, so that equal configs have equal hashes however they were written.
 *
 * @param where the file or the definition that the config comes from, named in errors
 * @throws UserError naming the key, its value and what is allowed, with the nearest key or word on a slip of spelling
 */
export function parseConfig<T>(schema: Schema<T>, value: unknown, where: string): T {
  return schema.parse(value, { where, path: [] });
}

/** A real number, within the limits given. `above` excludes the limit itself, `from` and `to` include it. */
export function real(
  limits: { from?: number; above?: number; to?: number; below?: number } = {},
): Schema<number> {
  const { from = -Infinity, above = -Infinity, to = Infinity, below = Infinity } = limits;
  const bounds = [
    ...(limits.from === undefined ? [] : [`at least ${limits.from}`]),
    ...(limits.above === undefined ? [] : [`above ${limits.above}`]),
    ...(limits.to === undefined ? [] : [`at most ${limits.to}`]),
    ...(limits.below === undefined ? [] : [`below ${limits.below}`]),
  ];
  return check(['a number', bounds.join(' and ')].join(' ').trim(), (value): value is number => {
    if (typeof value !== 'number' || !Number.isFinite(value)) return false;
    return value >= from && value > above && value <= to && value < below;
  });
}

/** A whole number, from `from` (0 when left out) to `to`. */
export function integer({
  from = 0,
  to = Number.MAX_SAFE_INTEGER,
}: { from?: number; to?: number } = {}): Schema<number> {
  const upper = to === Number.MAX_SAFE_INTEGER ? '' : ` to ${to}`;
  return check(
    `a whole number from ${from}${upper}`,
    (value): value is number =>
      Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to,
  );
}

/** A text that is not empty. */
export function text(): Schema<string> {
  return check(
    'a text that is not empty',
    (value): value is string => typeof value === 'string' && value !== '',
  );
}

/** true or false. */
export function flag(): Schema<boolean> {
  return check('true or false', (value): value is boolean => typeof value === 'boolean');
}

/** One of the words or numbers given. */
export function oneOf<T extends string | number>(...choices: readonly T[]): Schema<T> {
  const expected = `one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`;
  return {
    expected,
    parse(value, place) {
      if ((choices as readonly unknown[]).includes(value)) return value as T;
      throw badValue(
        value,
        place,
        expected,
        typeof value === 'string' ? nearest(value, choices.map(String)) : undefined,
      );
    },
  };
}

/** A list of any length, from `from` items. */
export function listOf<T>(item: Schema<T>, { from = 0 }: { from?: number } = {}): Schema<readonly T[]> {
  const expected = `a list${from > 0 ? ` of at least ${from}` : ''}, each item ${item.expected}`;
  return {
    expected,
    parse(value, place) {
      if (!Array.isArray(value) || value.length < from) throw badValue(value, place, expected);
      return value.map((member, index) => item.parse(member, inside(place, String(index))));
    },
  };
}

/** The same schema with a value for when the key is left out. */
export function withDefault<T>(schema: Schema<T>, value: T): Schema<T> {
  return { ...schema, fallback: { value } };
}

/** An object of exactly these keys: no other is allowed, and all are required but those that have a default. */
export function record<F extends Readonly<Record<string, Schema<unknown>>>>(
  fields: F,
): Schema<{ readonly [K in keyof F]: Parsed<F[K]> }> {
  const expected = `an object with the keys ${Object.keys(fields).join(', ')}`;
  return {
    expected,
    parse(value, place) {
      if (!isObject(value)) throw badValue(value, place, expected);
      assertKnownKeys(value, Object.keys(fields), place);
      const parsed = Object.entries(fields).map(([key, field]) => [
        key,
        parseField(field, value[key], inside(place, key)),
      ]);
      return Object.fromEntries(parsed) as { readonly [K in keyof F]: Parsed<F[K]> };
    },
  };
}

/**
 * An object whose key `kind` says which other keys it has:
 * `variant({ constant: {}, halving: { every: integer() } })` takes `{ kind: 'halving', every: 100 }`.
 */
export function variant<V extends Readonly<Record<string, Readonly<Record<string, Schema<unknown>>>>>>(
  variants: V,
): Schema<
  { [K in keyof V]: { readonly kind: K } & { readonly [F in keyof V[K]]: Parsed<V[K][F]> } }[keyof V]
> {
  type Kinds = {
    [K in keyof V]: { readonly kind: K } & { readonly [F in keyof V[K]]: Parsed<V[K][F]> };
  }[keyof V];
  const kind = oneOf(...Object.keys(variants));
  const expected = `an object whose kind is ${kind.expected}`;
  return {
    expected,
    parse(value, place) {
      if (!isObject(value)) throw badValue(value, place, expected);
      const chosen = parseField(kind, value.kind, inside(place, 'kind'));
      return record({ kind, ...variants[chosen] }).parse(value, place) as unknown as Kinds;
    },
  };
}

function check<T>(expected: string, accepts: (value: unknown) => value is T): Schema<T> {
  return {
    expected,
    parse(value, place) {
      if (accepts(value)) return value;
      throw badValue(value, place, expected);
    },
  };
}

function parseField<T>(field: Schema<T>, value: unknown, place: Place): T {
  if (value !== undefined) return field.parse(value, place);
  if (field.fallback !== undefined) return field.fallback.value;
  throw new UserError(`${describe(place)} is missing.`, `It must be ${field.expected}.`);
}

function assertKnownKeys(
  value: Readonly<Record<string, unknown>>,
  known: readonly string[],
  place: Place,
): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const guess = nearest(key, known);
    throw new UserError(
      `${describe(inside(place, key))} (${print(value[key])}) is not a key of this config.`,
      guess === undefined ? `The keys are ${known.join(', ')}.` : `Did you mean ${guess}?`,
    );
  }
}

function badValue(value: unknown, place: Place, expected: string, guess?: string): UserError {
  const question = guess === undefined ? '' : ` Did you mean ${guess}?`;
  return new UserError(`${describe(place)} is ${print(value)}.`, `It must be ${expected}.${question}`);
}

function inside(place: Place, key: string): Place {
  return { where: place.where, path: [...place.path, key] };
}

function describe({ where, path }: Place): string {
  return path.length === 0 ? where : `${where}: ${path.join('.')}`;
}

function print(value: unknown): string {
  if (typeof value === 'number') return String(value); // JSON would print NaN as null
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) return typeof value;
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
