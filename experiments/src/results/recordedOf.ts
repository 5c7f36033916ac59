import {
  hasSequence,
  isReconstructed,
  outcomeOf,
  reconstructExcerpts,
  rowRun,
  trainRow,
  type RowArgument,
} from '../jobs';
import { rowNamed } from '../rows';
import type { RecordedRow } from './recordedRow';

/**
 * Collects the results of a training; undefined if the training or its reconstructions are not done.
 *
 * @param fingerprint fingerprint of the audio
 */
export function recordedOf(
  argument: RowArgument,
  fingerprint: string,
): Omit<RecordedRow, 'format'> | undefined {
  const row = rowNamed(argument.row);
  if (!hasSequence(row.sequence, argument)) return undefined;
  const measured = outcomeOf(trainRow, argument);
  if (measured === undefined) return undefined;
  const reconstructed = isReconstructed(argument) ? outcomeOf(reconstructExcerpts, argument) : undefined;
  if (isReconstructed(argument) && reconstructed === undefined) return undefined;
  const run = rowRun(argument);
  const provenance = run.provenance();
  if (provenance === undefined) throw new Error(`${run.folder} has no provenance`);
  return {
    row: row.id,
    scale: argument.scale.name,
    data: { name: argument.dataName, fingerprint },
    seed: argument.seed,
    measured,
    ...(reconstructed && { reconstructions: reconstructed.excerpts }),
    curve: run
      .metrics()
      .filter(({ kind }) => kind === 'train')
      .map(({ timesteps, metrics: { nll } }) => ({ timesteps, nll })),
    provenance,
  };
}
