import { asFileError, makeFolder, writeFileAtomic } from '@fermata/core';
import type { Run } from '@fermata/training';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Reconstruction } from '../jobs';
import { audioRate, rowNamed } from '../rows';
import { loadExcerpts, type Excerpt } from './loadExcerpts';
import type { RecordedRow } from './recordedRow';
import { folderOf, trainingName, type ResultsPlace } from './recordedRows';

/**
 * Copies the audio of excerpts and their reconstructions beside the results of a row.
 *
 * @param run the run with the audio
 * @throws UserError for missing audio, and for a folder that is not writable
 */
export function keepAudio(
  place: ResultsPlace,
  row: TrainingInfo,
  run: Pick<Run, 'file'>,
  excerpts: readonly Reconstruction[],
): void {
  const at = audioOf(place, row);
  for (const name of excerpts.flatMap(({ original, reconstruction }) => [original, reconstruction])) {
    makeFolder(dirname(at(name)));
    writeFileAtomic(at(name), contentsOf(run.file(name)));
  }
}

function contentsOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw asFileError(error, file);
  }
}

/**
 * Loads excerpts whose audio was kept with results (`fermata table --run --audio`), with their reconstructions by each
 * row.
 *
 * @param recorded results of one seed: an excerpt does not distinguish the seeds of its reconstructions
 * @throws UserError for a missing or damaged file
 */
export function loadRecordedExcerpts(
  place: ResultsPlace,
  recorded: readonly RecordedRow[],
): Promise<Excerpt[]> {
  const kept = recorded.map((one) => {
    const file = audioOf(place, one);
    const excerpts = (one.reconstructions ?? []).filter(({ reconstruction }) =>
      existsSync(file(reconstruction)),
    );
    return { row: rowNamed(one.row), run: { file }, outcome: { excerpts } };
  });
  return loadExcerpts(kept, audioRate);
}

type TrainingInfo = Pick<RecordedRow, 'row' | 'seed' | 'measured'>;

/** Path of a file of a training's run beside its results. It contains the run's id, to distinguish trainings. */
function audioOf(place: ResultsPlace, row: TrainingInfo): (name: string) => string {
  const folder = join(folderOf(place), 'audio', `${trainingName(row)}.${row.measured.run}`);
  return (name) => join(folder, name);
}
