import { readdirSync, realpathSync, statSync, type Stats } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';

import { UserError, asFileError, outputMarker, readHead } from '@fermata/core';

import type { SkippedFile } from '@fermata/data';
import { isMarkedFile } from '../files';

/** A file of the user. */
export interface SourceEntry {
  /** Path from the given folder, with `/` between the parts; unique among all sources. */
  readonly id: string;
  readonly path: string;
  readonly size: number;
  /** Time of the last change, in milliseconds. */
  readonly changed: number;
}

export interface Sources {
  /** Files with the extension of audio or MIDI, or named directly, in the order of the ids. */
  readonly files: readonly SourceEntry[];
  /** Files of CSV, TSV and JSON, which may describe the others. */
  readonly tables: readonly SourceEntry[];
  /** Number of other files, by extension. */
  readonly others: Readonly<Record<string, number>>;
  /** Everything that is neither a file nor a folder, or cannot be listed, with the reason: links to nothing, pipes. */
  readonly skipped: readonly SkippedFile[];
  /** Files and folders that Fermata wrote; folders end in `/`. */
  readonly outputs: readonly string[];
}

// Includes kinds that cannot be decoded, so that they are listed as skipped.
const audioExtensions = new Set(
  (
    'wav wave flac mp3 ogg oga mid midi kar rmi ' +
    'aac ac3 aif aifc aiff alac amr ape au caf dsf m4a m4b mka mp2 mp4 mpc ogv opus ra rf64 shn snd spx tta voc w64 webm wma wv'
  )
    .split(' ')
    .map((extension) => `.${extension}`),
);

const tableExtensions = new Set(['.csv', '.tsv']);
// A JSON file that describes recordings, such as MAESTRO's, names a column of files near its beginning.
const tableInJson = /"(?:audio_filename|midi_filename|file_?name|file|path|audio|midi)"\s*:/i;
const jsonHeadBytes = 1 << 16;

/** True if the extension of a name is one of audio or MIDI, whether or not Fermata can read it. */
export function isAudioName(path: string): boolean {
  return audioExtensions.has(extname(path).toLowerCase());
}

/**
 * Finds the files of the sources, including everything in folders except hidden files (`.name`). What Fermata itself
 * wrote is left out, by the marks in its files and folders.
 *
 * @throws UserError if a source is missing, unreadable, or neither a file nor a folder
 */
export function findSources(paths: readonly string[]): Sources {
  const files: SourceEntry[] = [];
  const tables: SourceEntry[] = [];
  const others: Record<string, number> = {};
  const skipped: SkippedFile[] = [];
  const outputs: string[] = [];
  const seen = new Set<string>(); // a file may occur twice: through a link, or in two sources

  const visitFolder = (path: string, id: string): void => {
    const names = readdirSync(path).sort();
    if (names.includes(outputMarker)) {
      outputs.push(`${idOf(id, path)}/`);
      return;
    }
    for (const name of names) if (!name.startsWith('.')) visit(join(path, name), `${id}/${name}`, false);
  };
  const visitFile = (path: string, id: string, named: boolean, stats: Stats): void => {
    const entry = { id: idOf(id, path), path, size: stats.size, changed: stats.mtimeMs };
    const extension = extname(path).toLowerCase();
    const isSource = named || isAudioName(path);
    const kind = kindOf(stats);
    if (kind !== undefined && isSource)
      skipped.push({ file: entry.id, reason: `this is ${kind}, not a file` });
    else if (kind === undefined && isSource && isMarkedFile(path)) outputs.push(entry.id);
    else if (kind === undefined && isSource) files.push(entry);
    else if (kind === undefined && isTable(path, extension)) tables.push(entry);
    else others[extension] = (others[extension] ?? 0) + 1;
  };
  const visit = (path: string, id: string, named: boolean): void => {
    try {
      const stats = statSync(path);
      const real = realpathSync(path);
      if (seen.has(real)) return;
      seen.add(real);
      if (stats.isDirectory()) visitFolder(path, id);
      else visitFile(path, id, named, stats);
    } catch (error) {
      if (named) throw asFileError(error, path);
      // A link to nothing matters only if it looks like a recording.
      const extension = extname(path).toLowerCase();
      if (codeOf(error) !== 'ENOENT' || isAudioName(path)) {
        skipped.push({ file: idOf(id, path), reason: reasonOf(error, path) });
      } else others[extension] = (others[extension] ?? 0) + 1;
    }
  };

  paths.forEach((path, index) => {
    const isFolder = fileOrFolder(path).isDirectory();
    // A single folder needs no label; several have one each.
    const label = paths.length === 1 ? '' : isFolder ? uniqueLabel(paths, index) : `${index + 1}`;
    visit(resolve(path), isFolder ? label : `${label}/${basename(path)}`, true);
  });
  const byId = (a: SourceEntry, b: SourceEntry) => (a.id < b.id ? -1 : 1);
  return { files: files.sort(byId), tables: tables.sort(byId), others, skipped, outputs };
}

function fileOrFolder(path: string): Stats {
  let stats: Stats;
  try {
    stats = statSync(path);
  } catch (error) {
    throw asFileError(error, path);
  }
  const kind = kindOf(stats);
  if (kind === undefined) return stats;
  throw new UserError(`${path}: this is ${kind}, not a file.`, 'Name a file or a folder.');
}

/** Names a pipe, socket or device, whose opening could wait for ever; undefined for a file or a folder. */
function kindOf(stats: Stats): string | undefined {
  if (stats.isFile() || stats.isDirectory()) return undefined;
  if (stats.isFIFO()) return 'a pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}

function isTable(path: string, extension: string): boolean {
  if (extension !== '.json') return tableExtensions.has(extension);
  return tableInJson.test(readHead(path, jsonHeadBytes).toString('utf8'));
}

// The id of a single source is empty.
function idOf(id: string, path: string): string {
  return id.replace(/^\//, '') || basename(path);
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function reasonOf(error: unknown, path: string): string {
  // Node replaces the bytes of a name that is not UTF-8, and finds no file of the new name.
  if (codeOf(error) === 'ENOENT' && path.includes('\ufffd')) return 'its name is not UTF-8';
  const found = asFileError(error, path);
  return found instanceof UserError ? problemOf(found, path) : (error as Error).message;
}

/** The problem of a file, without its path. */
export function problemOf({ problem }: UserError, path: string): string {
  return problem.replace(`${path}: `, '').replace(/\.$/, '');
}

function uniqueLabel(paths: readonly string[], index: number): string {
  const names = paths.map((path) => basename(resolve(path)));
  const isUnique = names.filter((name) => name === names[index]).length === 1;
  return isUnique ? names[index] : `${index + 1}-${names[index]}`;
}
