import { builtInCorpus, ingest, type Dataset } from '@fermata/audio';
import type { Json, Progress } from '@fermata/core';
import { runJobs } from '@fermata/training';
import { writeReport, type WrittenReport } from '@fermata/report';
import { join } from 'node:path';

import { audioFolder } from '../folders';
import { outcomeOfWork } from '../jobs';
import { scaleNamed, type Scale } from '../scales';
import { planPaper, type PaperPlan } from './plan';
import { paperPage } from './page';

export interface PaperOptions {
  readonly scale: string;
  /** Files and folders of recordings; the built-in corpus when left out. */
  readonly data?: readonly string[];
  /** The folder of the report. */
  readonly out: string;
  readonly seed: number;
  /** Jobs at a time. */
  readonly concurrency: number;
  /** What the user typed, for the provenance. */
  readonly command: string;
  readonly onProgress: (name: string, progress: Progress) => void;
  /** Hears of each job that is done, and whether it was before. */
  readonly onFinished: (name: string, wasDone: boolean) => void;
  readonly onWarning: (name: string, message: string) => void;
  readonly signal: AbortSignal;
}

/**
 * The main job: data, every row of the scale, codes, a prior, music, profiles, and a report of it all. What was done
 * before, by this command or another, is taken as it is; stopped at any moment, it goes on when it is called again.
 *
 * @throws UserError for data that cannot be used, and a folder that cannot be written
 */
export async function runPaper(options: PaperOptions): Promise<WrittenReport> {
  const started = new Date().toISOString();
  const scale = scaleNamed(options.scale);
  const dataset = await prepareData(scale, options);
  try {
    const plan = planPaper(scale, options.seed, dataset.folder);
    await runPlan(plan, options);
    return writeReport(options.out, await paperPage(plan, dataset, { command: options.command, started }));
  } finally {
    dataset.close();
  }
}

/** The audio of a scale: of the user's recordings, or the built-in corpus. */
async function prepareData(
  scale: Scale,
  { data, seed, onProgress, onFinished, signal }: PaperOptions,
): Promise<Dataset> {
  const name = data === undefined ? 'corpus' : 'data';
  const folder = audioFolder();
  const listeners = {
    onProgress: (progress: Progress) => {
      onProgress(name, progress);
    },
    signal,
  };
  const { trainMinutes, testMinutes } = scale;
  const dataset =
    data === undefined
      ? await builtInCorpus({ minutes: scale.corpusMinutes, seed, folder, ...listeners })
      : await ingest({
          source: data,
          folder,
          minutes: { train: trainMinutes, validation: testMinutes, test: testMinutes },
          ...listeners,
        });
  onFinished(name, false);
  return dataset;
}

/** Does the jobs that are not done yet, as many at a time as the options say. */
async function runPlan(plan: PaperPlan, options: PaperOptions): Promise<void> {
  const done = new Set<string>();
  for (const { name, work, after } of plan.jobs) {
    if (after.every((before) => done.has(before)) && outcomeOfWork(work) !== undefined) {
      done.add(name);
      options.onFinished(name, true);
    }
  }
  const left = plan.jobs.filter(({ name }) => !done.has(name));
  await runJobs(
    left.map(({ name, work, after }) => ({
      name,
      module: join(__dirname, '..', 'worker.js'),
      argument: work as unknown as Json,
      after: after.filter((before) => !done.has(before)),
    })),
    {
      concurrency: options.concurrency,
      onProgress: options.onProgress,
      onWarning: options.onWarning,
      onFinished: (name) => {
        options.onFinished(name, false);
      },
      signal: options.signal,
    },
  );
}
