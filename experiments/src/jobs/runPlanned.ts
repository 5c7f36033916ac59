import type { Progress } from '@fermata/core';
import { runJobs } from '@fermata/training';

import { outcomeOfWork, restoreWork, type PlannedWork } from './kinds';

/** A job of a plan, and the jobs that it needs. */
export interface PlannedJob {
  readonly name: string;
  readonly work: PlannedWork;
  readonly after: readonly string[];
}

/** Options for running jobs, with listeners. */
export interface PlannedOptions {
  /** Number of jobs at a time. */
  readonly concurrency: number;
  /** Threads of each job; if left out, the jobs share the processors. */
  readonly threads?: number | undefined;
  readonly onProgress: (name: string, progress: Progress) => void;
  /** Called before the first job with the number of jobs that are already done. */
  readonly onPlanned: (wereDone: number, jobs: number) => void;
  /** Called with the name of each job when it is done. */
  readonly onFinished: (name: string) => void;
  readonly onWarning: (name: string, message: string) => void;
  readonly signal: AbortSignal;
}

/** Does the jobs that are not done yet, several at a time, in order unless one waits for another. */
export async function runPlanned(jobs: readonly PlannedJob[], options: PlannedOptions): Promise<void> {
  const { concurrency, threads, onProgress, onWarning, onFinished, onPlanned, signal } = options;
  const done = new Set<string>();
  for (const { name, work, after } of jobs) {
    if (!after.every((before) => done.has(before)) || outcomeOfWork(work) === undefined) continue;
    restoreWork(work);
    done.add(name);
  }
  onPlanned(done.size, jobs.length);
  const left = jobs.filter(({ name }) => !done.has(name));
  await runJobs(
    left.map(({ name, work, after }) => ({
      name,
      module: require.resolve('./worker'),
      argument: () => work,
      after: after.filter((before) => !done.has(before)),
    })),
    { concurrency, threads, onProgress, onWarning, onFinished, signal },
  );
}
