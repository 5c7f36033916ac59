import { closeSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { UserError } from './errors';
import { asFileError, makeFolder } from './files';

/** The error when another process holds the lock of a folder. */
export class LockedError extends UserError {}

/**
 * Locks a folder, so that only this process writes in it. Creates the folder if it is missing. Returns a function that
 * releases the lock; the lock of a dead process does not count.
 *
 * Each process first creates a file whose name identifies it, then looks for the files of others, and withdraws if one
 * belongs to a living process. If two processes start at the same time, at least one sees the other. Names are unique, so
 * deleting the file of a dead process cannot delete that of a living one.
 *
 * @throws LockedError if another process holds the lock, or this process does already
 * @throws UserError if the folder cannot be written
 */
export function lockFolder(folder: string): () => void {
  const own = lockName({ host: hostname(), pid: process.pid, started: startOf(process.pid) });
  const path = join(folder, own);
  if (held.has(path))
    throw new LockedError(
      `${folder}: this process is already writing in this folder.`,
      'Wait until it is done.',
    );
  makeFolder(folder);
  try {
    closeSync(openSync(path, 'w'));
  } catch (error) {
    throw asFileError(error, folder);
  }
  held.add(path);
  const release = () => {
    rmSync(path, { force: true });
    held.delete(path);
  };
  try {
    for (const name of readdirSync(folder)) {
      if (name === own) continue;
      const owner = parseLockName(name);
      if (owner === undefined) continue;
      if (isAlive(owner)) throw takenBy(owner, join(folder, name));
      rmSync(join(folder, name), { force: true });
    }
  } catch (error) {
    release();
    throw error;
  }
  return release;
}

// The locks of this process. A file alone is no proof: a dead process with the same number may have left it.
const held = new Set<string>();

interface Owner {
  readonly host: string;
  readonly pid: number;
  /** The start of the process, if known. A number alone may belong to another process after a restart. */
  readonly started: string;
}

function lockName({ host, pid, started }: Owner): string {
  return `lock.${encodeURIComponent(host)}.${pid}.${started}`;
}

function parseLockName(name: string): Owner | undefined {
  const match = /^lock\.(.+)\.(\d+)\.(\w+)$/.exec(name);
  return match === null
    ? undefined
    : { host: decodeURIComponent(match[1]), pid: Number(match[2]), started: match[3] };
}

// Counts a process on another computer as alive, because it cannot be checked.
function isAlive({ host, pid, started }: Owner): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return startOf(pid) === started;
}

// State and start are fields 3 and 22 of Linux's /proc/<pid>/stat. They are counted from the end of the name, which may
// contain any character. A killed process stays listed as a zombie until its parent has waited for it.
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'dead' : fields[19];
  } catch {
    return 'unknown';
  }
}

function takenBy({ host, pid }: Owner, path: string): LockedError {
  return new LockedError(
    `${path}: process ${pid} on ${host} is writing in this folder.`,
    'Wait until it is done; if it is gone, delete the file.',
  );
}
