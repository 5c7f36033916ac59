import { join, resolve } from 'node:path';

/**
 * Where datasets of audio and the piano's decoded samples are kept, all of which can be made again: under the folder
 * that FERMATA_CACHE names, else under `.fermata/cache` in the current folder.
 */
export function audioFolder(): string {
  const named = process.env['FERMATA_CACHE'];
  return resolve(named === undefined || named === '' ? join('.fermata', 'cache') : named, 'audio');
}
