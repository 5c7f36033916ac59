import type { TimedDataset } from '@fermata/data';
import type { ReportPage } from '@fermata/report';
import { availableParallelism, cpus, totalmem } from 'node:os';

import type { PaperPlan } from './plan';
import type { PaperResults } from './results';

/** The origin of a report. */
export interface PageOrigin {
  /** The command as typed. */
  readonly command: string;
  /** Start of the report, in ISO 8601. */
  readonly started: string;
}

/** Everything needed to get the numbers of a report again. */
export function provenanceOf(
  plan: PaperPlan,
  results: PaperResults,
  dataset: TimedDataset,
  { command, started }: PageOrigin,
): ReportPage['provenance'] {
  const sessions = results.rows.flatMap(({ run }) => run.provenance()?.sessions ?? []);
  const session = sessions.at(-1);
  return {
    command,
    commit: session?.commit,
    versions: session?.versions ?? {},
    machine: `${process.platform} ${process.arch}, ${availableParallelism()} × ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    backend: [...new Set(sessions.map(({ backend }) => backend))].join(', '),
    data: [{ name: dataset.folder.split(/[\\/]/).at(-1) ?? 'audio', fingerprint: dataset.fingerprint }],
    runs: results.rows.map(({ row, run }) => ({ row: `#${row.id}`, run: run.id, seed: plan.seed })),
    started,
    finished: new Date().toISOString(),
  };
}
