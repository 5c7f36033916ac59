import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { UserError } from './errors';

/**
 * Writes a file completely or not at all: writes a temporary file beside it, flushes that to disk and renames it. Even if
 * the process is killed, a reader sees either the old contents or the new. Creates missing parent folders.
 *
 * @param contents whole, or in parts, which need not be in memory together
 * @throws UserError if the folder cannot be written or the disk is full; the old file stays unchanged
 */
export function writeFileAtomic(path: string, contents: string | Uint8Array | Iterable<string>): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    makeParents(resolve(path));
    const parts = typeof contents === 'string' || contents instanceof Uint8Array ? [contents] : contents;
    const descriptor = openSync(temporary, 'w');
    try {
      for (const part of parts) {
        const bytes = typeof part === 'string' ? Buffer.from(part, 'utf8') : part;
        for (let written = 0; written < bytes.length;) {
          written += writeSync(descriptor, bytes, written);
        }
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

// Ignores errors, because the user should read the original one.
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The file may not exist.
  }
}

/** Creates a folder and its parents, unless they exist. @throws UserError if it cannot be created */
export function makeFolder(path: string): void {
  try {
    makeWithParents(resolve(path));
  } catch (error) {
    throw asFileError(error, path);
  }
}

// Tries each level once. Node's recursive mkdir tries again forever where a file system has the parent and still answers
// ENOENT, as /proc does.
function makeWithParents(folder: string): void {
  if (isFolder(folder)) return;
  makeParents(folder);
  try {
    mkdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && isFolder(folder)) return; // another process was faster
    if (code !== 'ENOENT') throw error;
    throw new UserError(
      `${folder}: this file system lets nobody create a folder here.`,
      'Choose a folder on another file system.',
      { cause: error },
    );
  }
}

function makeParents(path: string): void {
  const parent = dirname(path);
  if (parent !== path) makeWithParents(parent);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/**
 * Checks before long work that a folder is writable, and creates it if it is missing.
 *
 * @param choice the way to choose another folder: `--out names another folder.`
 * @throws UserError if the folder is not writable
 */
export function requireWritableFolder(path: string, choice: string): void {
  try {
    makeFolder(path);
    rmdirSync(mkdtempSync(join(path, '.writable-')));
  } catch (error) {
    const cause = asFileError(error, path);
    throw cause instanceof UserError ? new UserError(cause.problem, choice, { cause }) : cause;
  }
}

/** Checks that a file can be written, like {@link requireWritableFolder}. */
export function requireWritableFile(path: string, choice: string): void {
  requireWritableFolder(dirname(path), choice);
  if (isFolder(path)) {
    throw new UserError(`${path}: this is a folder, not a file.`, choice);
  }
}

/** Checks before long work that a file can be read. @throws UserError that names it */
export function requireReadableFile(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw asFileError(error, path);
  }
  if (statSync(path).isDirectory()) {
    throw new UserError(`${path}: this is a folder, not a file.`, 'Name a file in it.');
  }
}

/** Reads up to `length` bytes from the beginning of a file; none if it cannot be read. */
export function readHead(path: string, length: number): Buffer {
  const head = Buffer.alloc(length);
  try {
    const descriptor = openSync(path, 'r');
    try {
      return head.subarray(0, readSync(descriptor, head));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return head.subarray(0, 0);
  }
}

/**
 * Turns a file system error that the user can fix, such as a missing file or a full disk, into a UserError that names
 * `path`. Returns any other error unchanged.
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
  ELOOP: ['the link leads back to itself', 'Remove it, or let it point to a file.'],
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
