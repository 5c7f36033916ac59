import { requireWritableFolder } from '@fermata/core';
import { defaultRunsFolder } from '@fermata/training';
import { join, resolve } from 'node:path';

/**
 * Where datasets of audio and the piano's decoded samples are kept, all of which can be made again: under the folder
 * that FERMATA_CACHE names, else under `.fermata/cache` in the current folder.
 */
export function audioFolder(): string {
  const named = process.env.FERMATA_CACHE;
  return resolve(named === undefined || named === '' ? join('.fermata', 'cache') : named, 'audio');
}

/** @throws UserError when nothing can be written into the folder of prepared audio */
export function requireWritableCache(): void {
  requireWritableFolder(audioFolder(), 'Name a folder for prepared audio in FERMATA_CACHE.');
}

/** @throws UserError when nothing can be written into the folder of runs */
export function requireWritableRuns(): void {
  requireWritableFolder(defaultRunsFolder(), 'Name a folder for trained models in FERMATA_RUNS.');
}
