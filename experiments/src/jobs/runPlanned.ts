import type { Progress } from '@fermata/core';
import { runJobs } from '@fermata/training';

import { outcomeOfWork, type PlannedWork } from './index';

/** A job of a plan, and what must be done before it. */
export interface PlannedJob {
  readonly name: string;
  readonly work: PlannedWork;
  readonly after: readonly string[];
}

/** How jobs are run, and who hears of them. */
export interface PlannedOptions {
  /** Jobs at a time. */
  readonly concurrency: number;
  /** Threads that each job computes with; else the processors are shared out among the jobs. */
  readonly threads?: number | undefined;
  readonly onProgress: (name: string, progress: Progress) => void;
  /** Hears, before the first job, how many of them were done before. */
  readonly onPlanned: (wereDone: number, jobs: number) => void;
  /** Hears of each job that has been done now. */
  readonly onFinished: (name: string) => void;
  readonly onWarning: (name: string, message: string) => void;
  readonly signal: AbortSignal;
}

/** Does the jobs that are not done yet, in their order where none waits for another, as many at a time as the options say. */
export async function runPlanned(jobs: readonly PlannedJob[], options: PlannedOptions): Promise<void> {
  const { concurrency, threads, onProgress, onWarning, onFinished, onPlanned, signal } = options;
  const done = new Set<string>();
  for (const { name, work, after } of jobs) {
    if (after.every((before) => done.has(before)) && outcomeOfWork(work) !== undefined) done.add(name);
  }
  onPlanned(done.size, jobs.length);
  const left = jobs.filter(({ name }) => !done.has(name));
  await runJobs(
    left.map(({ name, work, after }) => ({
      name,
      module: require.resolve('../worker'),
      argument: () => work,
      after: after.filter((before) => !done.has(before)),
    })),
    { concurrency, threads, onProgress, onWarning, onFinished, signal },
  );
}
