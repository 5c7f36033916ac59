import { requireWritableFolder } from '@fermata/core';
import { defaultRunsFolder } from '@fermata/training';
import { join, resolve } from 'node:path';

/**
 * Folder of audio datasets and of the piano's decoded samples, all of which can be made again: a folder in
 * FERMATA_CACHE, or else in `.fermata/cache` of the current folder.
 */
export function audioFolder(): string {
  const named = process.env.FERMATA_CACHE;
  return resolve(named === undefined || named === '' ? join('.fermata', 'cache') : named, 'audio');
}

/** @throws UserError if the folder of prepared audio is not writable */
export function requireWritableCache(): void {
  requireWritableFolder(audioFolder(), 'Name a folder for prepared audio in FERMATA_CACHE.');
}

/** @throws UserError if the folder of runs is not writable */
export function requireWritableRuns(): void {
  requireWritableFolder(defaultRunsFolder(), 'Name a folder for trained models in FERMATA_RUNS.');
}
