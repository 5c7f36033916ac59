import { makeFolder, writeFileAtomic } from '@fermata/core';
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
 * @throws UserError when the folder cannot be written
 */
export function keepAudio(
  place: ResultsPlace,
  row: Pick<RecordedRow, 'row' | 'seed'>,
  run: Pick<Run, 'file'>,
  excerpts: readonly Reconstruction[],
): void {
  const at = audioOf(place, row);
  for (const name of excerpts.flatMap(({ original, reconstruction }) => [original, reconstruction])) {
    makeFolder(dirname(at(name)));
    writeFileAtomic(at(name), readFileSync(run.file(name)));
  }
}

/**
 * The excerpts whose audio was kept with results (`fermata table --run --audio`), and what rows make of them.
 *
 * @throws UserError for a file that is damaged
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

/** Where a file of a training's run lies beside its results. */
function audioOf(place: ResultsPlace, row: Pick<RecordedRow, 'row' | 'seed'>): (name: string) => string {
  return (name) => join(folderOf(place), 'audio', trainingName(row), name);
}
