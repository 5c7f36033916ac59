/** A notebook's file, as far as its outputs go. */
interface Notebook {
  readonly cells: readonly { readonly outputs?: readonly Output[] }[];
  readonly metadata?: { readonly fermata?: { readonly outputs?: Readonly<Record<string, number>> } };
}

interface Output {
  readonly name?: string;
  readonly text?: string | readonly string[];
  readonly data?: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * What went wrong in an executed notebook beside its cells: a promise that nobody awaited was rejected, or a callback
 * threw. tslab prints it and goes on; the cell counts as done.
 *
 * @param text of the executed copy
 */
export function lateFailure(text: string): string | undefined {
  const { cells } = JSON.parse(text) as Notebook;
  for (const [index, { outputs = [] }] of cells.entries()) {
    const said = outputs.filter(({ name }) => name === 'stderr').map(({ text = '' }) => joined(text));
    if (/^(UncaughtException|UnhandledPromiseRejection):/m.test(said.join(''))) {
      return `under cell ${index + 1} something failed that it did not wait for:\n${indent(said.join(''))}\n`;
    }
  }
  return undefined;
}

/**
 * What an executed notebook shows, by kind: the figures, tables, players and progress displays of @fermata/notebook, which
 * marks each with `data-output`.
 *
 * @param text of the executed copy
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
 * Says where an executed notebook shows less than its metadata promise: `{ "fermata": { "outputs": { "figure": 7 } } }`
 * says that there are seven figures at least.
 *
 * @param text of the executed copy
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

/** Moves each line in, under a heading. */
export function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, '    ');
}

function joined(text: string | readonly string[]): string {
  return typeof text === 'string' ? text : text.join('');
}
