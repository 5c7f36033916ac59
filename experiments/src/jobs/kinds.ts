import { selectBackend } from '@fermata/tensor';
import type { JobContext } from '@fermata/training';

import { encodeDataset } from './encodeDataset';
import { generateMusic } from './generateMusic';
import { outcomeOf, perform, type JobArgument, type JobKind } from './job';
import { profile } from './profile';
import { reconstructExcerpts } from './reconstructExcerpts';
import { trainRow } from './trainRow';

export { generateMusic, profile, reconstructExcerpts, trainRow };

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

/** The task of a process: a kind of job and its argument. */
export type PlannedWork = {
  [K in KindName]: { readonly kind: K; readonly argument: ArgumentOf<K> };
}[KindName];

/** Does a job in this process, on the backend named by FERMATA_BACKEND or else the best one available. */
export async function workOn(work: PlannedWork, context: JobContext): Promise<object> {
  await selectBackend();
  return perform(kindOf(work), work.argument, context);
}

/** Outcome of a job; undefined if it is not done. All jobs that it needs must be done. */
export function outcomeOfWork(work: PlannedWork): object | undefined {
  return outcomeOf(kindOf(work), work.argument);
}

/** Writes again what the run of a done job has lost besides its outcome. */
export function restoreWork(work: PlannedWork): void {
  const kind = kindOf(work);
  const run = kind.run(work.argument);
  run.writeConfig();
  kind.restore?.(work.argument, run);
}

function kindOf({ kind }: PlannedWork): JobKind<JobArgument, object> {
  return kinds[kind];
}
