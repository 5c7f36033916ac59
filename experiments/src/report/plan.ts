import { isReconstructed, JobGraph, type PlannedJob } from '../jobs';
import { audio, codesOf, paperRows, type Row, type Sequence } from '../rows';
import type { Scale } from '../scales';

/** The sequences whose predictability a report compares (Figure 2). */
const profiled: readonly Sequence[] = [audio(), codesOf('1.2')];

/** The system whose music a report plays. */
const system = '3.4';

/** The contents of a report. */
export interface PaperPlan {
  readonly scale: Scale;
  readonly seed: number;
  readonly rows: readonly Row[];
  readonly profiled: readonly Sequence[];
  /** Id of the system that generates. */
  readonly system: string;
  /** Jobs, each after the jobs that it waits for. */
  readonly jobs: readonly PlannedJob[];
}

/** The rows of a report: the paper's own, unless the scale has fewer. */
export function reportRows(scale: Scale): readonly Row[] {
  return paperRows().filter(({ id }) => scale.rows?.includes(id) ?? true);
}

/**
 * Plans the jobs of a report.
 *
 * @param folder of the audio's dataset
 * @param dataName name that the data are filed under
 */
export function planPaper(scale: Scale, seed: number, folder: string, dataName: string): PaperPlan {
  const common = { scale, seed, audio: folder, dataName };
  const rows = reportRows(scale);
  const graph = new JobGraph();
  // The system's prior comes first: it waits for codes, and the music waits for it.
  graph.generate({ ...common, system });
  for (const { id } of rows) graph.train({ ...common, row: id });
  for (const { id } of rows) {
    if (isReconstructed({ ...common, row: id })) graph.reconstruct({ ...common, row: id });
  }
  for (const sequence of profiled) {
    for (const receptiveField of scale.profile.receptiveFields) {
      graph.profile({ ...common, sequence, receptiveField });
    }
  }
  return { scale, seed, rows, profiled, system, jobs: graph.jobs };
}
