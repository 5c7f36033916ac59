import { UserError } from '@fermata/core';
import { extname } from 'node:path';

/** A kind of audio file that Fermata writes: 16-bit PCM in WAV, FLAC, MP3 or Ogg Vorbis. */
export type AudioFormat = 'wav' | 'flac' | 'mp3' | 'ogg';

/** Extensions that select a format; each is the name of its {@link AudioFormat}. */
export const writableExtensions: readonly AudioFormat[] = ['wav', 'flac', 'mp3', 'ogg'];

/**
 * Finds the format from the extension of a file's name, in any case. Only the name decides, so that `again.mp3` never
 * holds WAV.
 *
 * @throws UserError for any extension except {@link writableExtensions}, and for none
 */
export function audioFormatOf(path: string): AudioFormat {
  const extension = extname(path).slice(1).toLowerCase();
  const format = writableExtensions.find((candidate) => candidate === extension);
  if (format !== undefined) return format;
  throw new UserError(
    `${path}: ${extension === '' ? 'the name has no extension' : `Fermata cannot write .${extension} files`}.`,
    'End the name in .wav, .flac, .mp3 or .ogg.',
  );
}
