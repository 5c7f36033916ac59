import { UserError } from '@fermata/core';
import { extname } from 'node:path';

/** A kind of audio file that Fermata writes: 16-bit PCM in WAV, FLAC, MP3 or Ogg Vorbis. */
export type AudioFormat = 'wav' | 'flac' | 'mp3' | 'ogg';

/** The extensions that choose a format; each is the name of its {@link AudioFormat}. */
export const writableExtensions: readonly AudioFormat[] = ['wav', 'flac', 'mp3', 'ogg'];

/**
 * Finds the format that the extension of a file's name asks for, in capitals or not. A name decides it alone, so that
 * `again.mp3` never holds WAV.
 *
 * @throws UserError for every extension but {@link writableExtensions}, and for none
 */
export function audioFormatOf(path: string): AudioFormat {
  const extension = extname(path).slice(1).toLowerCase();
  const format = writableExtensions.find((candidate) => candidate === extension);
  if (format !== undefined) return format;
  throw new UserError(
    `${path}: ${extension === '' ? 'the name has no extension' : `Fermata writes no .${extension} files`}.`,
    'End the name in .wav, .flac, .mp3 or .ogg.',
  );
}
