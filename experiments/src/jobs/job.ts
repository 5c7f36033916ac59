import { existsSync } from 'node:fs';

import { makeOutputFolder } from '@fermata/core';
import type { JobContext, Run } from '@fermata/training';
import { z } from 'zod';

import type { Scale } from '../scales';

/** Argument of a job: plain JSON, because each job runs in its own process. */
export interface JobArgument {
  readonly scale: Scale;
  readonly seed: number;
  /** Folder of the audio's dataset, with the bits of the sequence's audio. */
  readonly audio: string;
  /** Name that the data are filed under. */
  readonly dataName: string;
}

/**
 * A kind of work with an outcome in a file of a run's folder. If the file exists, the work is done and not repeated.
 *
 * @typeParam A argument
 * @typeParam R outcome, plain JSON
 */
export interface JobKind<A extends JobArgument, R extends object> {
  /** Run that the work belongs to. Writes nothing. */
  run(argument: A): Run;
  /** Name of the file with the outcome. */
  outcomeFile(argument: A): string;
  work(argument: A, run: Run, context: JobContext): Promise<R>;
  /** Tells what is wrong with files that belong to the outcome: the work is then done again. None by default. */
  damage?(run: Run): string | undefined;
  /** Writes again what the run of a done job has lost besides its outcome, if anything. */
  restore?(argument: A, run: Run): void;
}

/** Outcome of a job; undefined if it is not done, or if its files are damaged. */
export function outcomeOf<A extends JobArgument, R extends object>(
  kind: JobKind<A, R>,
  argument: A,
): R | undefined {
  const run = kind.run(argument);
  if (!existsSync(run.file(kind.outcomeFile(argument))) || kind.damage?.(run) !== undefined) return undefined;
  return run.readJson(kind.outcomeFile(argument), outcomeSchema) as R | undefined;
}

const outcomeSchema = z.looseObject({});

/** Outcome of a job. @throws Error if it is not done */
export function done<A extends JobArgument, R extends object>(kind: JobKind<A, R>, argument: A): R {
  const outcome = outcomeOf(kind, argument);
  if (outcome === undefined) throw new Error(`not done: ${JSON.stringify(argument)}`);
  return outcome;
}

/** Does a job unless it is done. */
export async function perform<A extends JobArgument, R extends object>(
  kind: JobKind<A, R>,
  argument: A,
  context: JobContext,
): Promise<R> {
  const before = outcomeOf(kind, argument);
  if (before !== undefined) return before;
  const run = kind.run(argument);
  makeOutputFolder(run.folder);
  const damage = existsSync(run.file(kind.outcomeFile(argument))) ? kind.damage?.(run) : undefined;
  if (damage !== undefined) context.onWarning(`${damage} It is made again.`);
  run.writeConfig();
  const outcome = await kind.work(argument, run, context);
  run.writeJson(kind.outcomeFile(argument), outcome);
  return outcome;
}
