import { closeSync, existsSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { UserError } from './errors';
import { asFileError, makeFolder, requireWritableFolder } from './files';

/** File that marks a folder as Fermata's: nothing in it is a recording, whatever its names. */
export const outputMarker = '.fermata-output';

/** Tells whether Fermata made a folder for its own files. */
export function isOutputFolder(path: string): boolean {
  return existsSync(join(path, outputMarker));
}

/**
 * Creates a folder for files of Fermata with its parents, and marks it. A folder that holds anything else already stays
 * unmarked, because it may hold recordings.
 *
 * @throws UserError if it cannot be created
 */
export function makeOutputFolder(path: string): void {
  makeFolder(path);
  if (contentsOf(path).length === 0) mark(path);
}

/**
 * Checks before long work that files may go into a folder, creates it if it is missing, and marks it.
 *
 * @param choice the way to choose another folder: `--out names another folder.`
 * @param isOwn tells of an unmarked folder whether Fermata wrote it, before it marked folders
 * @throws UserError if the folder is not writable, or holds files of others, which could be written over
 */
export function claimOutputFolder(path: string, choice: string, isOwn?: (path: string) => boolean): void {
  requireWritableFolder(path, choice);
  if (isOutputFolder(path)) return;
  const others = contentsOf(path);
  if (others.length > 0 && isOwn?.(path) !== true) {
    throw new UserError(
      `${path}: this folder holds files that Fermata did not write, such as ${others[0]}.`,
      choice,
    );
  }
  mark(path);
}

// Without hidden files, which systems leave in every folder that they show.
function contentsOf(path: string): string[] {
  try {
    return readdirSync(path).filter((name) => !name.startsWith('.'));
  } catch (error) {
    throw asFileError(error, path);
  }
}

function mark(path: string): void {
  const file = join(path, outputMarker);
  try {
    const descriptor = openSync(file, 'w');
    try {
      writeSync(descriptor, 'Fermata wrote this folder, and leaves it out where it reads recordings.\n');
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw asFileError(error, file);
  }
}
