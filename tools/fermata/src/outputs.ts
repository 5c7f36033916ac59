import { audioFormatOf, isAudioName, isMarkedFile } from '@fermata/audio';
import { isKeptGeneration } from '@fermata/experiments';
import { requireWritableFile, UserError } from '@fermata/core';
import { realpathSync, statSync, type BigIntStats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Option } from 'commander';

import { isCodesFile } from './codesFile';
import { userPath } from './paths';

/** Options of every command that writes a file of the user's choice. */
export interface OutputOptions {
  /** Write over a file that Fermata did not write. */
  readonly force?: boolean;
}

/** The option `--force`. */
export function forceOption(): Option {
  return new Option('--force', 'write over a file that Fermata did not write');
}

/**
 * Place for a command's audio: a path with an extension that names the format, or `-` for standard output.
 *
 * @param inputs files that the command reads
 * @throws UserError for an extension without a format, and as {@link requireOutput} does
 */
export function audioOutput(out: string, options: OutputOptions, inputs: readonly string[] = []): string {
  if (out === '-') return out;
  const path = userPath(out);
  audioFormatOf(path);
  requireOutput(path, { ...options, inputs, isOwn: isMarkedFile, what: 'the audio' });
  return path;
}

/** Place for codes, as {@link audioOutput}. @throws UserError also for an extension of audio */
export function codesOutput(out: string, options: OutputOptions, inputs: readonly string[] = []): string {
  return jsonOutput(out, { ...options, inputs, isOwn: isCodesFile, what: 'the codes' });
}

/** Place for the codes of a generation while it runs. One of the same generation is continued. */
export function keptOutput(out: string, options: OutputOptions, inputs: readonly string[] = []): string {
  return jsonOutput(out, { ...options, inputs, isOwn: isKeptGeneration, what: 'the codes' });
}

interface Output extends OutputOptions {
  readonly inputs: readonly string[];
  /** Tells of an existing file whether Fermata wrote it, as this kind of output. */
  readonly isOwn: (path: string) => boolean;
  readonly what: string;
}

function jsonOutput(out: string, output: Output): string {
  const path = userPath(out);
  if (isAudioName(path)) {
    throw new UserError(`${path}: ${output.what} are JSON, and no audio.`, 'End the name in .json.');
  }
  requireOutput(path, output);
  return path;
}

/**
 * Checks before any work that a command may write a file. It never writes over a file that it reads, whatever the names of
 * both; and without `--force` over no file but those of its own.
 *
 * @throws UserError for such files, and for a place that is not writable
 */
function requireOutput(path: string, { inputs, force = false, isOwn, what }: Output): void {
  if (inputs.some((input) => isSameFile(path, input))) {
    throw new UserError(
      `${path}: this file is read, and would be written over.`,
      'Name another file to write.',
    );
  }
  const existing = statsOf(path);
  // Pipes and devices have nothing to lose.
  if (existing?.isFile() === true && existing.size > 0n && !force && !isOwn(path)) {
    throw new UserError(
      `${path}: this file exists, and Fermata did not write it.`,
      'Choose another name, or write over it with --force.',
    );
  }
  requireWritableFile(path, `Choose another place for ${what}.`);
}

/** Tells whether two paths lead to one file, through links and in any spelling that the file system allows. */
function isSameFile(a: string, b: string): boolean {
  const [first, second] = [a, b].map(statsOf);
  if (first === undefined && second === undefined) return placeOf(a) === placeOf(b);
  return first !== undefined && first.dev === second?.dev && first.ino === second.ino;
}

// A path that cannot be looked at cannot be written either: the check of writing reports it.
function statsOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

// Finds the place of a file that does not exist yet, through links of its folder.
function placeOf(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path;
  }
}
