import { readdirSync, realpathSync, statSync, type Stats } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';

import { asFileError } from '@fermata/core';

/** A file of the user's. */
export interface SourceEntry {
  /** Its path from the folder that was given, with `/` between the parts: unique among all sources. */
  readonly id: string;
  readonly path: string;
  readonly size: number;
  /** When it was last changed, in milliseconds. */
  readonly changed: number;
}

export interface Sources {
  /** What is audio or MIDI by its name, or was named itself: in the order of the ids. */
  readonly files: readonly SourceEntry[];
  /** CSV files, which may say what the others are. */
  readonly tables: readonly SourceEntry[];
  /** How many other files there are, by extension. */
  readonly others: Readonly<Record<string, number>>;
}

// Kinds that cannot be decoded are among them, so that they are named as skipped.
const audioExtensions = new Set(
  (
    'wav wave flac mp3 ogg oga mid midi kar ' +
    'aac ac3 aif aifc aiff alac amr ape au caf dsf m4a m4b mka mp2 mp4 mpc opus ra rf64 shn snd spx tta w64 webm wma wv'
  )
    .split(' ')
    .map((extension) => `.${extension}`),
);

/**
 * Finds the files of the sources, folders with all that is below them; hidden ones (`.name`) are left out.
 *
 * @throws UserError when a source is missing or unreadable
 */
export function findSources(paths: readonly string[]): Sources {
  const files: SourceEntry[] = [];
  const tables: SourceEntry[] = [];
  const others: Record<string, number> = {};
  const seen = new Set<string>(); // a file may be reached twice: through a link, or from two sources

  const visit = (path: string, id: string, named: boolean): void => {
    // A link into the void is a file that cannot be read, as will be said of it later.
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
    // One folder alone needs no name in front; of several, each has its own.
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
