import { existsSync, readFileSync } from 'node:fs';

import { openDataset, timed, type TimedDataset } from '@fermata/data';
import { UserError } from '@fermata/core';
import type { JobContext, Run } from '@fermata/training';

import type { Scale } from '../scales';

/** What every job is told: plain JSON, since it goes to a process of its own. */
export interface JobArgument {
  readonly scale: Scale;
  readonly seed: number;
  /** The folder of the sequences that are modelled: audio, or codes. */
  readonly dataset: string;
}

/**
 * Work that ends in a file of a run's folder. Asked again for the same, it finds the file and does nothing.
 *
 * @typeParam A what the job is told
 * @typeParam R what it comes to, plain JSON
 */
export interface JobKind<A extends JobArgument, R extends object> {
  /** The run that the work belongs to. Nothing is written. */
  run(argument: A): Run;
  /** The name of the file that holds the outcome. */
  outcomeFile(argument: A): string;
  work(argument: A, run: Run, context: JobContext): Promise<R>;
}

/** What a job came to when it was done before. */
export function outcomeOf<A extends JobArgument, R extends object>(
  kind: JobKind<A, R>,
  argument: A,
): R | undefined {
  const path = kind.run(argument).file(kind.outcomeFile(argument));
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as R;
  } catch (error) {
    throw new UserError(`${path}: not JSON.`, 'Delete it, and run the same command again.', { cause: error });
  }
}

/** What a job came to that has been done. @throws Error when it has not */
export function done<A extends JobArgument, R extends object>(kind: JobKind<A, R>, argument: A): R {
  const outcome = outcomeOf(kind, argument);
  if (outcome === undefined) throw new Error(`not done: ${JSON.stringify(argument)}`);
  return outcome;
}

/** Does a job, unless it was done before. */
export async function perform<A extends JobArgument, R extends object>(
  kind: JobKind<A, R>,
  argument: A,
  context: JobContext,
): Promise<R> {
  const before = outcomeOf(kind, argument);
  if (before !== undefined) return before;
  const run = kind.run(argument);
  const outcome = await kind.work(argument, run, context);
  run.writeConfig();
  run.writeJson(kind.outcomeFile(argument), outcome);
  return outcome;
}

/** Calls a function with an open dataset. */
export async function withDataset<T>(
  folder: string,
  use: (dataset: TimedDataset) => T | Promise<T>,
): Promise<T> {
  const dataset = timed(openDataset(folder));
  try {
    return await use(dataset);
  } finally {
    dataset.close();
  }
}
