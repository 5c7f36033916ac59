import { requireWritableFolder } from '@fermata/core';
import { writeReport, type WrittenReport } from '@fermata/report';

import { prepareData } from '../data';
import { requireWritableCache, requireWritableRuns } from '../folders';
import { runPlanned, type PlannedOptions } from '../jobs/runPlanned';
import type { Scale } from '../scales';
import { requireEnoughMusic } from './enoughMusic';
import { hardlyLearnt } from './hardlyLearnt';
import { paperPage } from './page';
import { planPaper } from './plan';
import { gatherResults } from './results';

export interface PaperOptions extends PlannedOptions {
  readonly scale: Scale;
  /** Files and folders of recordings; the built-in corpus when left out. */
  readonly data?: readonly string[];
  /** The folder of the report. */
  readonly out: string;
  readonly seed: number;
  /** What the user typed, for the provenance. */
  readonly command: string;
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
    await runPlanned(plan.jobs, options);
    const results = gatherResults(plan);
    const report = writeReport(out, await paperPage(plan, results, dataset, { command, started }));
    const warnings = hardlyLearnt(results);
    for (const warning of warnings) options.onWarning('results', warning);
    return { ...report, warnings };
  } finally {
    dataset.close();
  }
}
