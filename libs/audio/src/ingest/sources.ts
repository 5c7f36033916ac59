import { readdirSync, realpathSync, statSync, type Stats } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';

import { asFileError } from '@fermata/core';

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
  /** CSV files, which may describe the others. */
  readonly tables: readonly SourceEntry[];
  /** Number of other files, by extension. */
  readonly others: Readonly<Record<string, number>>;
}

// Includes kinds that cannot be decoded, so that they are listed as skipped.
const audioExtensions = new Set(
  (
    'wav wave flac mp3 ogg oga mid midi kar ' +
    'aac ac3 aif aifc aiff alac amr ape au caf dsf m4a m4b mka mp2 mp4 mpc opus ra rf64 shn snd spx tta w64 webm wma wv'
  )
    .split(' ')
    .map((extension) => `.${extension}`),
);

/**
 * Finds the files of the sources, including everything in folders except hidden files (`.name`).
 *
 * @throws UserError if a source is missing or unreadable
 */
export function findSources(paths: readonly string[]): Sources {
  const files: SourceEntry[] = [];
  const tables: SourceEntry[] = [];
  const others: Record<string, number> = {};
  const seen = new Set<string>(); // a file may occur twice: through a link, or in two sources

  const visit = (path: string, id: string, named: boolean): void => {
    // A broken link counts as an unreadable file, reported later.
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats !== undefined) {
      const real = realpathSync(path);
      if (seen.has(real)) return;
      seen.add(real);
    }
    if (stats?.isDirectory()) {
      for (const name of readFolder(path))
        if (!name.startsWith('.')) visit(join(path, name), `${id}/${name}`, false);
      return;
    }
    const entry = { id: id.replace(/^\//, ''), path, size: stats?.size ?? 0, changed: stats?.mtimeMs ?? 0 };
    const extension = extname(path).toLowerCase();
    if (named || audioExtensions.has(extension)) files.push(entry);
    else if (extension === '.csv') tables.push(entry);
    else others[extension] = (others[extension] ?? 0) + 1;
  };

  paths.forEach((path, index) => {
    const isFolder = assertThere(path).isDirectory();
    // A single folder needs no label; several have one each.
    const label = paths.length === 1 ? '' : isFolder ? uniqueLabel(paths, index) : `${index + 1}`;
    visit(resolve(path), isFolder ? label : `${label}/${basename(path)}`, !isFolder);
  });
  const byId = (a: SourceEntry, b: SourceEntry) => (a.id < b.id ? -1 : 1);
  return { files: files.sort(byId), tables: tables.sort(byId), others };
}

function assertThere(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    throw asFileError(error, path);
  }
}

function uniqueLabel(paths: readonly string[], index: number): string {
  const names = paths.map((path) => basename(resolve(path)));
  const isUnique = names.filter((name) => name === names[index]).length === 1;
  return isUnique ? names[index] : `${index + 1}-${names[index]}`;
}

function readFolder(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    throw asFileError(error, path);
  }
}
