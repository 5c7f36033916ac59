import { selectBackend } from '@fermata/tensor';
import type { JobContext } from '@fermata/training';

import { encodeDataset } from './encodeDataset';
import { generateMusic } from './generateMusic';
import { outcomeOf, perform, type JobArgument, type JobKind } from './job';
import { profile } from './profile';
import { reconstructExcerpts } from './reconstructExcerpts';
import { trainRow } from './trainRow';

const kinds = {
  train: trainRow,
  encode: encodeDataset,
  profile,
  reconstruct: reconstructExcerpts,
  generate: generateMusic,
};

type Kinds = typeof kinds;
type KindName = keyof Kinds;
type ArgumentOf<K extends KindName> = Kinds[K] extends JobKind<infer A, object> ? A : never;
export type OutcomeOf<K extends KindName> = Awaited<ReturnType<Kinds[K]['work']>>;

/** What a process is told to do: a kind of job and what that takes. */
export type PlannedWork = {
  [K in KindName]: { readonly kind: K; readonly argument: ArgumentOf<K> };
}[KindName];

/** Does a job in this process, on the backend that FERMATA_BACKEND names or the best there is. */
export async function workOn({ kind, argument }: PlannedWork, context: JobContext): Promise<object> {
  await selectBackend();
  return perform(kinds[kind] as unknown as JobKind<JobArgument, object>, argument, context);
}

/** What a job came to, when it was done before. Whatever it depends on must have been done. */
export function outcomeOfWork(work: PlannedWork): object | undefined {
  return outcomeOf(kinds[work.kind] as unknown as JobKind<JobArgument, object>, work.argument);
}
