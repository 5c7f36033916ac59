/** Relevant part of a notebook's file: its outputs. */
interface Notebook {
  readonly cells: readonly { readonly outputs?: readonly Output[] }[];
  readonly metadata?: { readonly fermata?: { readonly outputs?: Readonly<Record<string, number>> } };
}

interface Output {
  readonly data?: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * Counts the outputs of an executed notebook by kind: the figures, tables, players and progress displays of
 * @fermata/notebook, which marks each with `data-output`.
 *
 * @param text contents of the executed copy
 */
export function countOutputs(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { outputs = [] } of (JSON.parse(text) as Notebook).cells) {
    for (const { data = {} } of outputs) {
      const html = joined(data['text/html'] ?? '');
      for (const [, kind] of html.matchAll(/ data-output="(\w+)"/g)) {
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
      }
    }
  }
  return counts;
}

/**
 * Describes outputs that an executed notebook lacks according to its metadata:
 * `{ "fermata": { "outputs": { "figure": 7 } } }` requires at least seven figures.
 *
 * @param text contents of the executed copy
 */
export function missingOutputs(text: string): string | undefined {
  const promised = (JSON.parse(text) as Notebook).metadata?.fermata?.outputs ?? {};
  const counts = countOutputs(text);
  const missing = Object.entries(promised)
    .map(([kind, least]) => ({ kind, least, found: counts.get(kind) ?? 0 }))
    .filter(({ least, found }) => found < least)
    .map(({ kind, least, found }) => `${kind}: ${found} instead of ${least}`);
  return missing.length === 0 ? undefined : `it shows less than it promises (${missing.join(', ')}).`;
}

function joined(text: string | readonly string[]): string {
  return typeof text === 'string' ? text : text.join('');
}
