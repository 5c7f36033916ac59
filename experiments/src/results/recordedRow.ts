import { asFileError, makeFolder, UserError, writeFileAtomic } from '@fermata/core';
import type { Provenance } from '@fermata/training';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Reconstruction } from '../jobs/reconstructExcerpts';
import type { RowOutcome } from '../jobs/trainRow';

/** Changes whenever the meaning of a file of results does. */
const format = 'fermata-row-1';

/** What one training of a row came to, as it is kept beside the source: small, and with all that tells how to get it again. */
export interface RecordedRow {
  readonly format: typeof format;
  readonly row: string;
  readonly scale: string;
  readonly data: {
    /** What results on these data are filed under. */
    readonly name: string;
    readonly fingerprint: string;
  };
  readonly seed: number;
  readonly measured: RowOutcome;
  /** Of an autoencoder. */
  readonly reconstructions?: readonly Reconstruction[];
  /** The NLL of batches in training, in nats, over the timesteps trained on. */
  readonly curve: readonly { readonly timesteps: number; readonly nll: number }[];
  readonly provenance: Provenance;
}

/** Where results lie: in a folder for each scale and each name of data. */
export interface ResultsPlace {
  readonly folder: string;
  readonly scale: string;
  readonly data: string;
}

/** The results that came with Fermata. */
export const recordedResultsFolder = join(__dirname, '..', '..', 'results');

/** Writes the results of a row. @throws UserError when the folder cannot be written */
export function writeRecordedRow(place: ResultsPlace, row: Omit<RecordedRow, 'format'>): string {
  const folder = folderOf(place);
  makeFolder(folder);
  const file = join(folder, `${row.row}.seed-${row.seed}.json`);
  writeFileAtomic(file, readableJson({ format, ...row }));
  return file;
}

// One line for what is innermost: a histogram would take hundreds.
function readableJson(value: object): string {
  const lines = JSON.stringify(value, null, 1);
  return `${lines.replace(/[[{][^[\]{}]*[\]}]/g, (inner) => inner.replace(/\n\s*/g, ' '))}\n`;
}

/** All results of a place, by row and seed; none where there is no such folder. @throws UserError for a file that is not one */
export function readRecordedRows(place: ResultsPlace): RecordedRow[] {
  const folder = folderOf(place);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => readRecordedRow(join(folder, name)))
    .sort((a, b) => a.row.localeCompare(b.row) || a.seed - b.seed);
}

/** The names of data on which there are results at a scale. */
export function dataWithResults(folder: string, scale: string): string[] {
  const path = join(folder, scale);
  return existsSync(path) ? readdirSync(path).sort() : [];
}

function readRecordedRow(file: string): RecordedRow {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw asFileError(error, file);
  }
  try {
    const row = JSON.parse(text) as RecordedRow;
    if ((row.format as string) === format) return row;
  } catch {
    // not JSON: as below
  }
  throw new UserError(`${file}: not a file of results of this version.`, 'Move it away.');
}

function folderOf({ folder, scale, data }: ResultsPlace): string {
  return join(folder, scale, data);
}
