import { closeSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { UserError } from './errors';
import { asFileError, makeFolder } from './files';

/** Another has the right to write in a folder. */
export class LockedError extends UserError {}

/**
 * Takes the right to write in a folder, which one process at a time has; it is made where it is missing. Returns a
 * function that gives the right back; a process that dies without doing so loses it by being dead.
 *
 * Each contender first makes a file of its own, whose name says which process it is, and then looks for those of
 * others; who sees a live one withdraws. Of two that start at once at least one sees the other, and since names are
 * never shared, removing that of a dead process cannot take a living one's.
 *
 * @throws LockedError when another process has it, or this one already
 * @throws UserError when the folder cannot be written
 */
export function lockFolder(folder: string): () => void {
  const own = lockName({ host: hostname(), pid: process.pid, started: startOf(process.pid) });
  const path = join(folder, own);
  if (held.has(path))
    throw new LockedError(`${folder}: this process is writing it already.`, 'Wait until it is done.');
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

// The locks of this process: a file alone could be left over from a dead one that had the same number.
const held = new Set<string>();

interface Owner {
  readonly host: string;
  readonly pid: number;
  /** When the process started, where that is to be had: a process number alone may come back after a restart. */
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

// A process on another computer cannot be asked: it counts as alive.
function isAlive({ host, pid, started }: Owner): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return startOf(pid) === started;
}

// State and start are fields 3 and 22 of Linux's /proc/<pid>/stat, counted after the name, which may hold anything. A
// killed process that nobody has waited for yet is still listed, as a zombie.
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
