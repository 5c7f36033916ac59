import { defaultRunsFolder } from '@fermata/training';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import type { RowArgument } from '../jobs';
import { recordedOf } from './recordedOf';
import { recordedRow } from './recordedRow';
import { folderOf, writeRecordedRow } from './recordedRows';

/** Folder of the results of this machine, beside its runs, where `fermata paper` records. */
export function localResultsFolder(): string {
  return join(defaultRunsFolder(), 'results');
}

/**
 * Records the results of trainings on this machine for `fermata table` and `fermata claims`. It removes results on
 * other data of the same name.
 *
 * @param fingerprint fingerprint of the audio
 */
export function recordLocally(trainings: readonly RowArgument[], fingerprint: string): void {
  for (const argument of trainings) {
    const recorded = recordedOf(argument, fingerprint);
    if (recorded === undefined) continue;
    const place = { folder: localResultsFolder(), scale: recorded.scale, data: recorded.data.name };
    removeOthers(folderOf(place), fingerprint);
    writeRecordedRow(place, recorded);
  }
}

function removeOthers(folder: string, fingerprint: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
    const path = join(folder, name);
    const parsed = recordedRow.safeParse(parseJson(path));
    if (!parsed.success || parsed.data.data.fingerprint !== fingerprint) rmSync(path);
  }
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
