import { configOf, type RowArgument } from './rowRun';
import type { PlannedJob } from './runPlanned';

/** What there is to do for a row: train and measure it, and reconstruct excerpts with an autoencoder. */
export function rowJobs(argument: RowArgument): PlannedJob[] {
  const name = `#${argument.row}, seed ${argument.seed}`;
  const jobs: PlannedJob[] = [{ name: `train ${name}`, work: { kind: 'train', argument }, after: [] }];
  if (isReconstructed(argument)) {
    const work = { kind: 'reconstruct', argument } as const;
    jobs.push({ name: `reconstruct ${name}`, work, after: [`train ${name}`] });
  }
  return jobs;
}

/** Whether a row reconstructs what it hears. */
export function isReconstructed(argument: RowArgument): boolean {
  return configOf(argument).model.kind === 'autoencoder';
}
