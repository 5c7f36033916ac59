import { requireWritableFolder, type Progress } from '@fermata/core';
import { writeReport, type WrittenReport } from '@fermata/report';
import { runJobs } from '@fermata/training';

import { prepareData } from '../data';
import { requireWritableCache, requireWritableRuns } from '../folders';
import { outcomeOfWork } from '../jobs';
import type { Scale } from '../scales';
import { requireEnoughMusic } from './enoughMusic';
import { hardlyLearnt } from './hardlyLearnt';
import { paperPage } from './page';
import { planPaper, type PaperPlan } from './plan';
import { gatherResults } from './results';

export interface PaperOptions {
  readonly scale: Scale;
  /** Files and folders of recordings; the built-in corpus when left out. */
  readonly data?: readonly string[];
  /** The folder of the report. */
  readonly out: string;
  readonly seed: number;
  /** Jobs at a time. */
  readonly concurrency: number;
  /** Threads that each job computes with; else the processors are shared out among the jobs. */
  readonly threads?: number | undefined;
  /** What the user typed, for the provenance. */
  readonly command: string;
  readonly onProgress: (name: string, progress: Progress) => void;
  /** Hears of each job that has been done now. */
  readonly onFinished: (name: string) => void;
  /** Hears, before the first job, how many of them were done before. */
  readonly onPlanned: (wereDone: number, jobs: number) => void;
  readonly onWarning: (name: string, message: string) => void;
  readonly signal: AbortSignal;
}

export interface PaperReport extends WrittenReport {
  /** What speaks against the results, a line each: rows that have hardly learnt. */
  readonly warnings: readonly string[];
}

/**
 * The main job: data, every row of the scale, codes, a prior, music, profiles, and a report of it all. What was done
 * before, by this command or another, is taken as it is; stopped at any moment, it goes on when it is called again.
 *
 * @throws UserError for data that cannot be used, and, before anything is done, for a folder that cannot be written
 */
export async function runPaper(options: PaperOptions): Promise<PaperReport> {
  const { scale, seed, out, command } = options;
  const started = new Date().toISOString();
  requireWritableFolder(out, 'Choose another folder with --out.');
  requireWritableCache();
  requireWritableRuns();
  const dataset = await prepareData(options);
  try {
    requireEnoughMusic(dataset, scale);
    const plan = planPaper(scale, seed, dataset.folder);
    await runPlan(plan, options);
    const report = writeReport(out, await paperPage(plan, dataset, { command, started }));
    const warnings = hardlyLearnt(gatherResults(plan));
    for (const warning of warnings) options.onWarning('results', warning);
    return { ...report, warnings };
  } finally {
    dataset.close();
  }
}

/** Does the jobs that are not done yet, as many at a time as the options say. */
async function runPlan(plan: PaperPlan, options: PaperOptions): Promise<void> {
  const { concurrency, threads, onProgress, onWarning, onFinished, onPlanned, signal } = options;
  const done = new Set<string>();
  for (const { name, work, after } of plan.jobs) {
    if (after.every((before) => done.has(before)) && outcomeOfWork(work) !== undefined) done.add(name);
  }
  onPlanned(done.size, plan.jobs.length);
  const left = plan.jobs.filter(({ name }) => !done.has(name));
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
