import { printable, UserError } from '@fermata/core';
import type { Progress } from '@fermata/core';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';

import type { FromChild, ToChild } from './messages';

/** Work for a separate process. */
export interface Job {
  readonly name: string;
  /** Path of a module that calls `serveJob`. */
  readonly module: string;
  /** Argument of the job, plain JSON, made when it starts; it may use the results of earlier jobs. */
  readonly argument: (results: ReadonlyMap<string, unknown>) => object;
  /** Names of jobs that must finish first. */
  readonly after?: readonly string[];
}

export interface RunJobsOptions {
  /** Number of processes at a time. */
  readonly concurrency: number;
  /** Threads of each process; by default FERMATA_THREADS, else an equal share of the processors. */
  readonly threads?: number | undefined;
  readonly onProgress?: (name: string, progress: Progress) => void;
  readonly onWarning?: (name: string, message: string) => void;
  readonly onFinished?: (name: string, result: unknown) => void;
  /** Called with each line that a job prints; by default lines go to standard error. */
  readonly onOutput?: (name: string, line: string) => void;
  /** Aborting it makes the running jobs save a checkpoint and stop. */
  readonly signal?: AbortSignal;
  /** Node options of the processes; by default those of this process. */
  readonly execArgv?: readonly string[];
}

/** Number of jobs that fit on this machine with so many threads each, or of threads with so many jobs. */
export function defaultConcurrency(threadsPerJob: number): number {
  return Math.max(1, Math.floor(availableParallelism() / threadsPerJob));
}

/**
 * Runs jobs, each in its own process, in the given order except for dependencies. The first failure stops the other
 * jobs, which save a checkpoint. Nothing keeps running after the promise settles.
 *
 * @returns results by name
 * @throws UserError if a job met one, or if its process was killed; the message begins with the job's name
 * @throws Error if a job failed otherwise, with the stack of the process as its cause
 * @throws the signal's reason if it was aborted, unless a job could not save its progress
 * @throws RangeError if two jobs share a name, if jobs depend on an unknown job or on each other, or if the concurrency
 *   is below 1
 */
export async function runJobs(
  jobs: readonly Job[],
  options: RunJobsOptions,
): Promise<ReadonlyMap<string, unknown>> {
  const { signal, concurrency, onFinished } = options;
  if (!(concurrency >= 1)) throw new RangeError(`runJobs: with a concurrency of ${concurrency} nothing runs`);
  assertRunnable(jobs);
  signal?.throwIfAborted();
  const results = new Map<string, unknown>();
  const waiting = new Set(jobs);
  const running = new Map<ChildProcess, Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const stop = () => {
    waiting.clear();
    for (const child of running.keys()) tell(child, { kind: 'stop' });
  };
  const fail = (error: unknown) => {
    // Stopped jobs only report that they stopped, unless a job itself reports an error.
    if (signal?.aborted !== true || error instanceof JobComplaint) failure ??= { error };
    stop();
  };
  const start = (job: Job) => {
    waiting.delete(job);
    try {
      const child = startChild(job, results, options);
      const done = outcome(job, child, options)
        .then((result) => {
          results.set(job.name, result);
          onFinished?.(job.name, result);
        })
        .catch(fail)
        .finally(() => running.delete(child))
        .then(() => undefined);
      running.set(child, done);
    } catch (error) {
      fail(error);
    }
  };

  signal?.addEventListener('abort', stop);
  try {
    while (waiting.size > 0 || running.size > 0) {
      for (const job of [...waiting]) {
        const ready = (job.after ?? []).every((name) => results.has(name));
        if (ready && waiting.has(job) && running.size < concurrency) start(job);
      }
      if (running.size > 0) await Promise.race(running.values());
    }
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  if (failure !== undefined) throw failure.error;
  signal?.throwIfAborted();
  return results;
}

/** UserError from a job. */
class JobComplaint extends UserError {}

function startChild(job: Job, results: ReadonlyMap<string, unknown>, options: RunJobsOptions): ChildProcess {
  const { execArgv = process.execArgv, onOutput = printOutput, concurrency } = options;
  const { FERMATA_THREADS: wanted = '' } = process.env;
  const each = wanted === '' ? defaultConcurrency(concurrency) : wanted;
  const argument = job.argument(results);
  const child = fork(job.module, [], {
    execArgv: [...execArgv],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, FERMATA_THREADS: String(options.threads ?? each) },
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream!).on('line', (line) => {
      onOutput(job.name, line);
    });
  }
  tell(child, { kind: 'start', argument });
  return child;
}

function outcome(job: Job, child: ChildProcess, { onProgress, onWarning }: RunJobsOptions): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let last: FromChild | undefined;
    child.on('message', (message: FromChild) => {
      if (message.kind === 'progress') onProgress?.(job.name, message.progress);
      else if (message.kind === 'warning') onWarning?.(job.name, message.message);
      else last = message;
    });
    child.on('error', reject);
    child.on('close', (status, signal) => {
      if (last?.kind === 'result') resolve(last.result);
      else reject(describeFailure(job.name, last, status, signal));
    });
  });
}

function describeFailure(
  name: string,
  last: FromChild | undefined,
  status: number | null,
  signal: NodeJS.Signals | null,
): Error {
  if (last?.kind === 'userError') return new JobComplaint(`${name}: ${last.problem}`, last.remedy);
  if (last?.kind === 'error') return new Error(`${name}: ${last.message}`, { cause: last.stack });
  if (last?.kind === 'stopped') return new UserError(`${name}: stopped.`, goesOn);
  if (signal === null)
    return new Error(`${name}: its process ended with status ${String(status)}, see its output`);
  return new UserError(
    `${name}: its process was ended by ${signal}.`,
    `If memory ran out, run fewer jobs at a time. ${goesOn}`,
  );
}

const goesOn = 'Run the same command again: it goes on where it stopped.';

function tell(child: ChildProcess, message: ToChild): void {
  // A process that is ending no longer receives messages, and need not.
  if (child.connected) child.send(message, () => undefined);
}

function printOutput(name: string, line: string): void {
  process.stderr.write(`${printable(`${name}: ${line}`)}\n`);
}

function assertRunnable(jobs: readonly Job[]): void {
  const names = new Set(jobs.map(({ name }) => name));
  if (names.size < jobs.length) throw new RangeError('runJobs: two jobs share a name');
  const done = new Set<string>();
  for (let rest = [...jobs]; rest.length > 0;) {
    const next = rest.filter(({ after = [] }) => after.every((name) => done.has(name)));
    if (next.length === 0) {
      const stuck = rest.map(({ name, after = [] }) => `${name} waits for ${after.join(', ')}`).join('; ');
      throw new RangeError(`runJobs: these jobs can never start: ${stuck}`);
    }
    for (const { name } of next) done.add(name);
    rest = rest.filter((job) => !next.includes(job));
  }
}
