import { setTimeout as delay } from 'node:timers/promises';

import { LockedError, lockFolder, type Json, type ProgressListener } from '@fermata/core';

import { openDatasetOf, type Dataset } from './reader';

// How long a process waits before it looks again, in milliseconds.
const patience = 500;

export interface OpenOrMakeOptions {
  /** What the dataset is made from: equal descriptions, equal data. */
  readonly description: Json;
  /** Makes it in the folder, or goes on where a process was killed that was making it. */
  readonly make: () => Promise<Dataset>;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens the dataset in the folder, which is made first where there is none of that description. One process makes it;
 * others, such as the trainings of two rows that begin at once, wait for that and say so, and then open it.
 *
 * @throws UserError when the folder cannot be written
 */
export async function openOrMake(folder: string, options: OpenOrMakeOptions): Promise<Dataset> {
  const { description, make, onProgress, signal } = options;
  for (;;) {
    const made = openDatasetOf(folder, description);
    if (made !== undefined) return made;
    const release = tryLock(folder, (locked) =>
      onProgress?.({ stage: 'wait', done: 0, total: 1, detail: locked.message }),
    );
    if (release === undefined) {
      await delay(patience, undefined, { signal });
      continue;
    }
    try {
      // Another may have finished it meanwhile.
      return openDatasetOf(folder, description) ?? (await make());
    } finally {
      release();
    }
  }
}

function tryLock(folder: string, onLocked: (error: LockedError) => void): (() => void) | undefined {
  try {
    return lockFolder(folder);
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    onLocked(error);
    return undefined;
  }
}
