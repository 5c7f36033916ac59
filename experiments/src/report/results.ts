import type { ProfilePointResult } from '@fermata/evaluation';
import type { Run } from '@fermata/training';

import {
  done,
  generateMusic,
  profile,
  reconstructExcerpts,
  rowRun,
  trainRow,
  type GenerateOutcome,
  type PlannedWork,
  type RowOutcome,
} from '../jobs';
import type { ReconstructedRow } from '../results';
import { rowNamed, type Row, type Sequence } from '../rows';
import type { PaperPlan } from './plan';

/** A trained row with its measurements. */
export interface TrainedRow {
  readonly row: Row;
  readonly run: Run;
  readonly outcome: RowOutcome;
}

/** The outcomes of all jobs of a report. */
export interface PaperResults {
  readonly rows: readonly TrainedRow[];
  readonly profiles: readonly {
    readonly sequence: Sequence;
    readonly points: readonly ProfilePointResult[];
  }[];
  readonly reconstructions: readonly ReconstructedRow[];
  readonly generation: { readonly run: Run; readonly outcome: GenerateOutcome };
}

/** Gathers the outcomes of a plan. @throws Error if a job is not done */
export function gatherResults(plan: PaperPlan): PaperResults {
  const works = plan.jobs.map(({ work }) => work);
  const rows = argumentsOf(works, 'train').map((argument) => ({
    row: rowNamed(argument.row),
    run: rowRun(argument),
    outcome: done(trainRow, argument),
  }));
  const points = argumentsOf(works, 'profile').map((argument) => ({
    sequence: argument.sequence,
    point: done(profile, argument),
  }));
  const [generation] = argumentsOf(works, 'generate');
  return {
    rows: rows.sort((a, b) => a.row.id.localeCompare(b.row.id)),
    profiles: plan.profiled.map((sequence) => ({
      sequence,
      points: points.flatMap((one) => (one.sequence === sequence ? [one.point] : [])),
    })),
    reconstructions: argumentsOf(works, 'reconstruct').map((argument) => ({
      row: rowNamed(argument.row),
      run: reconstructExcerpts.run(argument),
      outcome: done(reconstructExcerpts, argument),
    })),
    generation: { run: generateMusic.run(generation), outcome: done(generateMusic, generation) },
  };
}

type ArgumentOf<K extends PlannedWork['kind']> = Extract<PlannedWork, { readonly kind: K }>['argument'];

function argumentsOf<K extends PlannedWork['kind']>(works: readonly PlannedWork[], kind: K): ArgumentOf<K>[] {
  return works.filter((work) => work.kind === kind).map(({ argument }) => argument as ArgumentOf<K>);
}
