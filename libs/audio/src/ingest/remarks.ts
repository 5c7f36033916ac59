import { UserError } from '@fermata/core';

import type { SkippedFile } from '@fermata/data';
import type { Failure } from './plan';
import type { Sources } from './sources';

/** Notes on everything that was found and is not used. */
export function describeOthers({ others, outputs }: Sources): string[] {
  const kinds = Object.entries(others).map(
    ([extension, count]) => `${count} ${extension || 'without extension'}`,
  );
  return [
    ...(kinds.length > 0 ? [`Files that are not audio were ignored: ${kinds.join(', ')}.`] : []),
    ...(outputs.length > 0 ? [`Fermata wrote these itself, and left them out: ${listed(outputs)}.`] : []),
  ];
}

const mostNamed = 10;

function listed(names: readonly string[]): string {
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : '';
  return `${names.slice(0, mostNamed).join(', ')}${more}`;
}

/** Order of skipped files. */
export function byFile(a: SkippedFile, b: SkippedFile): number {
  return a.file < b.file ? -1 : 1;
}

/** The error if no file can be used, with the reason of one. */
export function nothingUsable(
  paths: readonly string[],
  failures: readonly Failure[],
  skipped: readonly SkippedFile[],
  outputs: readonly string[],
): UserError {
  const where = paths.join(', ');
  const remedy = 'Name a folder with WAV, FLAC, MP3, Ogg Vorbis, Opus or MIDI files.';
  if (failures.length === 1 && skipped.length === 1) return failures[0].error;
  if (skipped.length === 0) {
    const none =
      outputs.length === 0 ? 'no audio was found' : `Fermata wrote all its music itself (${listed(outputs)})`;
    return new UserError(`${where}: ${none}.`, remedy);
  }
  const [{ file, reason }] = skipped;
  return new UserError(`${where}: none of ${skipped.length} files can be used (${file}: ${reason}).`, remedy);
}

/** The error if a split stays empty, although all files were decoded. */
export function tooShort(paths: readonly string[]): UserError {
  return new UserError(
    `${paths.join(', ')}: the music is too short to hold some of it out.`,
    'Add recordings.',
  );
}
