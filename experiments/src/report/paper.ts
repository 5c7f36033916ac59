import { claimReportFolder, writeReport, type WrittenReport } from '@fermata/report';

import {
  nameOfData,
  prepareData,
  requireEnoughMemory,
  requireEnoughMusic,
  requireScorable,
  requireWritableCache,
  requireWritableRuns,
  runPlanned,
  type PlannedOptions,
} from '../jobs';
import { recordLocally } from '../results';
import type { Scale } from '../scales';
import { paperPage } from './page';
import { planPaper, reportRows } from './plan';
import { gatherResults } from './results';
import { warningsOf } from './warnings';

export interface PaperOptions extends PlannedOptions {
  readonly scale: Scale;
  /** Files and folders of recordings; the built-in corpus if left out. */
  readonly data?: readonly string[];
  /** The folder of the report. */
  readonly out: string;
  readonly seed: number;
  /** The command as typed, for the provenance. */
  readonly command: string;
}

export interface PaperReport extends WrittenReport {
  /** Reasons to distrust the results, one per line. */
  readonly warnings: readonly string[];
}

/**
 * Runs the main job: data, every row of the scale, codes, a prior, music, profiles, and a report on all results. It
 * does not repeat finished jobs of this or another command. It can be stopped at any moment, and the next call
 * continues.
 *
 * @throws UserError for unusable data and, before any work, for a folder that is not writable or holds
 *   anything but a report
 */
export async function runPaper(options: PaperOptions): Promise<PaperReport> {
  const { scale, seed, out, command } = options;
  const started = new Date().toISOString();
  claimReportFolder(out, 'Choose another folder with --out.');
  requireWritableCache();
  requireWritableRuns();
  requireEnoughMemory(
    reportRows(scale).map((row) => ({ row })),
    scale,
    options,
  );
  const dataset = await prepareData(options);
  try {
    requireEnoughMusic(dataset, scale, reportRows(scale));
    requireScorable(dataset, 'test');
    const plan = planPaper(scale, seed, dataset.folder, nameOfData(options.data));
    await runPlanned(plan.jobs, options);
    const results = gatherResults(plan);
    recordLocally(
      plan.jobs.flatMap(({ work }) => (work.kind === 'train' ? [work.argument] : [])),
      dataset.fingerprint,
    );
    const report = writeReport(out, await paperPage(plan, results, dataset, { command, started }));
    const warnings = warningsOf(results, dataset, scale).map(({ title, text }) => `${title}. ${text}`);
    for (const warning of warnings) options.onWarning('results', warning);
    return { ...report, warnings };
  } finally {
    dataset.close();
  }
}
