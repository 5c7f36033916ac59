import { audioFormatOf } from '@fermata/audio';
import { requireWritableFile } from '@fermata/core';

import { requireOther, userPath } from './paths';

/**
 * Target of a command's audio: a path with an extension that names the format, or `-` for standard output.
 *
 * @param inputs files that the command reads
 * @throws UserError for an extension without a format, for a place that is not writable, and for a file that the command
 *   reads
 */
export function audioTarget(out: string, inputs: readonly string[] = []): string {
  if (out === '-') return out;
  const path = userPath(out);
  audioFormatOf(path);
  requireOther(path, inputs);
  requireWritableFile(path, 'Choose another place for the audio.');
  return path;
}
