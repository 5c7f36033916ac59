import type { ProfilePointResult } from '@fermata/evaluation';
import type { Run } from '@fermata/training';

import type { ReconstructedRow } from '../excerpts/loadExcerpts';
import { done } from '../jobs/job';
import { generateMusic, type GenerateOutcome } from '../jobs/generateMusic';
import { profile } from '../jobs/profile';
import { reconstructExcerpts } from '../jobs/reconstructExcerpts';
import { rowRun } from '../jobs/rowRun';
import { trainRow, type RowOutcome } from '../jobs/trainRow';
import type { Row } from '../row';
import { rowNamed } from '../rows';
import type { PaperPlan, ProfileSequence } from './plan';

/** A trained row with what was measured of it. */
export interface TrainedRow {
  readonly row: Row;
  readonly run: Run;
  readonly outcome: RowOutcome;
}

/** Everything that a report tells of, once all jobs of its plan are done. */
export interface PaperResults {
  readonly rows: readonly TrainedRow[];
  readonly profiles: readonly {
    readonly sequence: ProfileSequence;
    readonly points: readonly ProfilePointResult[];
  }[];
  readonly reconstructions: readonly ReconstructedRow[];
  readonly generation: { readonly run: Run; readonly outcome: GenerateOutcome };
}

/** Gathers the outcomes of a plan. @throws Error when a job of it has not been done */
export function gatherResults(plan: PaperPlan): PaperResults {
  const works = plan.jobs.map(({ work }) => work);
  const rows = works.flatMap((work) =>
    work.kind === 'train'
      ? [
          {
            row: rowNamed(work.argument.row),
            run: rowRun(work.argument),
            outcome: done(trainRow, work.argument),
          },
        ]
      : [],
  );
  const pointsOf = (folder: string): ProfilePointResult[] =>
    works.flatMap((work) =>
      work.kind === 'profile' && work.argument.dataset === folder ? [done(profile, work.argument)] : [],
    );
  const [generation] = works.flatMap((work) =>
    work.kind === 'generate'
      ? [{ run: generateMusic.run(work.argument), outcome: done(generateMusic, work.argument) }]
      : [],
  );
  return {
    rows: rows.sort((a, b) => a.row.id.localeCompare(b.row.id)),
    profiles: [
      { sequence: 'waveform', points: pointsOf(plan.audio) },
      { sequence: 'codes', points: pointsOf(plan.codes) },
    ],
    reconstructions: works.flatMap((work) =>
      work.kind === 'reconstruct'
        ? [
            {
              row: rowNamed(work.argument.row),
              run: reconstructExcerpts.run(work.argument),
              outcome: done(reconstructExcerpts, work.argument),
            },
          ]
        : [],
    ),
    generation,
  };
}
