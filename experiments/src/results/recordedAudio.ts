import { asFileError, makeFolder, writeFileAtomic } from '@fermata/core';
import type { Run } from '@fermata/training';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { loadExcerpts, type Excerpt } from '../excerpts/loadExcerpts';
import type { Reconstruction } from '../jobs/reconstructExcerpts';
import { rowNamed } from '../rows';
import { audioRate } from '../table-1/base';
import type { RecordedRow } from './recordedRow';
import { folderOf, trainingName, type ResultsPlace } from './recordedRows';

/**
 * Keeps the audio of excerpts and their reconstructions beside the results of a row.
 *
 * @param run that has it
 * @throws UserError when it is gone, and when the folder cannot be written
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
 * The excerpts whose audio was kept with results (`fermata table --run --audio`), and what rows make of them.
 *
 * @param recorded of one seed: an excerpt does not tell of which its reconstructions are
 * @throws UserError for a file that is gone or damaged
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

/** Where a file of a training's run lies beside its results: with its id, so that another training's is never taken for it. */
function audioOf(place: ResultsPlace, row: TrainingInfo): (name: string) => string {
  const folder = join(folderOf(place), 'audio', `${trainingName(row)}.${row.measured.run}`);
  return (name) => join(folder, name);
}
