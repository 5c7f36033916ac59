import {
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { UserError } from './errors';

/**
 * Writes a file whole or not at all: to a temporary file beside it, flushed to disk, then renamed over it. A reader,
 * or a process killed at any moment, sees either the old contents or the new. Missing parent folders are made.
 *
 * @throws UserError when the folder cannot be written or the disk is full; the old file is left as it was
 */
export function writeFileAtomic(path: string, contents: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const bytes = typeof contents === 'string' ? Buffer.from(contents, 'utf8') : contents;
    const descriptor = openSync(temporary, 'w');
    try {
      for (let written = 0; written < bytes.length;) {
        written += writeSync(descriptor, bytes, written);
      }
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
  } catch (error) {
    removeQuietly(temporary);
    throw asFileError(error, path);
  }
}

// What went wrong first is what the user should hear of.
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It was never made.
  }
}

/** Makes a folder and its parents; nothing happens where it is there already. @throws UserError when it cannot be made */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw asFileError(error, path);
  }
}

/**
 * Makes sure, before long work, that its results can be written into a folder; it is made where it is missing.
 *
 * @param choice how the user chooses another folder: `--out names another folder.`
 * @throws UserError when nothing can be written there
 */
export function requireWritableFolder(path: string, choice: string): void {
  try {
    mkdirSync(path, { recursive: true });
    rmdirSync(mkdtempSync(join(path, '.writable-')));
  } catch (error) {
    const cause = asFileError(error, path);
    throw cause instanceof UserError ? new UserError(cause.problem, choice, { cause }) : cause;
  }
}

/** As {@link requireWritableFolder}, for a file that will be written. */
export function requireWritableFile(path: string, choice: string): void {
  requireWritableFolder(dirname(path), choice);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new UserError(`${path}: this is a folder, not a file.`, choice);
  }
}

/**
 * Turns a file system error into one that says what to do: a UserError naming `path` for a missing or unwritable
 * place and a full disk, the error itself for everything else.
 */
export function asFileError(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  const remedy = code === undefined ? undefined : remedies[code];
  if (remedy === undefined) return error;
  return new UserError(`${path}: ${remedy[0]}.`, remedy[1], { cause: error });
}

const remedies: Readonly<Record<string, readonly [problem: string, remedy: string] | undefined>> = {
  ENOENT: ['there is no such file or folder', 'Check the spelling of the path.'],
  ENOTDIR: ['a part of the path is a file, not a folder', 'Check the spelling of the path.'],
  EEXIST: ['a file of that name is in the way', 'Move it, or choose another folder.'],
  EISDIR: ['this is a folder, not a file', 'Name a file in it.'],
  EACCES: ['permission denied', 'Choose a place you may use, or change its permissions.'],
  EPERM: ['permission denied', 'Choose a place you may use, or change its permissions.'],
  EROFS: ['the file system is read-only', 'Choose a folder on another file system.'],
  ENAMETOOLONG: ['the path is too long', 'Choose a shorter one.'],
  EIO: ['the disk cannot be read or written', 'Check the disk, or choose another place.'],
  ENOSPC: [
    'the disk is full',
    'Free some space and run the same command again: it goes on where it stopped.',
  ],
  EDQUOT: [
    'the disk quota is used up',
    'Free some space and run the same command again: it goes on where it stopped.',
  ],
};
