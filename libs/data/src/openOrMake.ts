import { setTimeout as delay } from 'node:timers/promises';

import { LockedError, lockFolder, makeOutputFolder, type Json, type ProgressListener } from '@fermata/core';

import { openDatasetOf, type Dataset } from './reader';
import type { DamagedError } from './verify';

// Time between two looks at the lock, in milliseconds.
const patience = 500;

export interface OpenOrMakeOptions {
  /** Origin of the dataset: equal descriptions mean equal data. */
  readonly description: Json;
  /** Makes the dataset in the folder, or continues one whose process was killed. */
  readonly make: () => Promise<Dataset>;
  /** Called with a sentence on the damage, if the folder has a damaged dataset; it is made again. */
  readonly onDamaged?: ((message: string) => void) | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens the dataset in the folder, and makes it first if the folder has none of that description. Only one process
 * makes it; others, such as the trainings of two rows that start together, report that they wait, and then open it.
 *
 * @throws UserError if the folder cannot be written
 */
export async function openOrMake(folder: string, options: OpenOrMakeOptions): Promise<Dataset> {
  const { description, make, onDamaged, onProgress, signal } = options;
  const onFound = ({ problem }: DamagedError) => onDamaged?.(`${problem} The data are made again.`);
  for (;;) {
    const made = openDatasetOf(folder, description);
    if (made !== undefined) return made;
    makeOutputFolder(folder);
    const release = tryLock(folder, (locked) =>
      onProgress?.({ stage: 'wait', done: 0, total: 1, detail: locked.message }),
    );
    if (release === undefined) {
      await delay(patience, undefined, { signal });
      continue;
    }
    try {
      // Another process may have finished it meanwhile.
      return openDatasetOf(folder, description, onFound) ?? (await make());
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
