import { existsSync, realpathSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';

import { UserError } from '@fermata/core';

import { splits, type SkippedFile, type Split } from '@fermata/data';
import { problemOf, type SourceEntry, type Sources } from './sources';
import { readTable, type Table, type TableRow } from './table';
import { heldOutMost } from './works';

/** Entry of a table about a recording or MIDI file. */
export interface Label {
  readonly composer?: string;
  readonly title?: string;
  readonly split?: Split;
}

export interface Labels {
  /** Labels by absolute path. */
  readonly of: ReadonlyMap<string, Label>;
  /** MIDI files whose row also names a recording of the same performance, by path, with the path of the recording. */
  readonly doubles: ReadonlyMap<string, string>;
  /** Named files that do not exist. */
  readonly missing: readonly SkippedFile[];
  readonly notes: readonly string[];
}

// Names of the columns, including MAESTRO's; recordings come before MIDI files.
const columns = {
  file: ['audio_filename', 'file', 'filename', 'file_name', 'path', 'audio', 'midi_filename', 'midi'],
  composer: ['composer', 'canonical_composer'],
  title: ['title', 'canonical_title', 'piece', 'work'],
};
// A column of one of the later names may hold anything else: it counts if all its cells are names of splits.
const splitColumns = ['split', 'subset', 'partition', 'set'];

const splitNames: Readonly<Record<string, Split | undefined>> = {
  train: 'train',
  training: 'train',
  validation: 'validation',
  valid: 'validation',
  val: 'validation',
  dev: 'validation',
  test: 'test',
  testing: 'test',
};

/**
 * Reads the tables among the recordings. A table of recordings has a column of file names, relative to the table. A name
 * need not have the case, the Unicode form and the slashes of the file's. Of two splits for one file, the one that is held
 * out counts.
 *
 * @throws UserError if a table cannot be parsed, or if a split is not train, validation or test
 */
export function readLabels({ tables, files }: Pick<Sources, 'tables' | 'files'>): Labels {
  const of = new Map<string, Label>();
  const doubles = new Map<string, string>();
  const missing = new Map<string, SkippedFile>();
  const notes: string[] = [];
  const find = fileFinder(files);
  const ids = new Map(files.map(({ path, id }) => [path, id]));
  for (const table of tables) {
    let found: Table | undefined;
    try {
      found = readTable(table.path, columns.file);
    } catch (error) {
      // JSON serves many purposes: another one's damage is no reason to stop.
      if (!(error instanceof UserError) || extname(table.path).toLowerCase() !== '.json') throw error;
      notes.push(`${table.id} was ignored: ${problemOf(error, table.path)}.`);
      continue;
    }
    if (found === undefined) {
      notes.push(
        `${table.id} was ignored: it has no column named ${columns.file.slice(0, 3).join(', ')} or similar.`,
      );
      continue;
    }
    if (found.uneven.length > 0) notes.push(describeUneven(table, found.uneven));
    const splitColumn = splitColumnOf(found);
    for (const row of found.rows) {
      const named = columns.file.flatMap((column) => row.cells[column] ?? []);
      const there = named.flatMap((name) => find(dirname(table.path), name) ?? []);
      if (there.length === 0) {
        const file = named.at(0) ?? `${table.id}, ${row.place}`;
        missing.set(file, { file, reason: `${table.id} names it, but it does not exist` });
        continue;
      }
      const label = labelOf(row, splitColumn, `${table.path}, ${row.place}`);
      there.forEach((path, position) => {
        if (position > 0) doubles.set(path, there[0]);
        const before = of.get(path);
        const isAgainst =
          before?.split !== undefined && label.split !== undefined && before.split !== label.split;
        const joined = before === undefined ? label : joinLabels(before, label);
        if (isAgainst) notes.push(describeConflict(ids.get(path) ?? path, [before, label]));
        of.set(path, joined);
      });
    }
  }
  return { of, doubles, missing: [...missing.values()], notes };
}

/** One label from two about the same recording: the first counts, but for the split, where held out counts. */
export function joinLabels(first: Label, second: Label): Label {
  const split = heldOutMost([first, second]);
  return { ...second, ...first, ...(split && { split }) };
}

/** Describes that labels of one recording name different splits. */
export function describeConflict(what: string, labels: readonly Label[]): string {
  const given = splits.filter((one) => labels.some(({ split }) => split === one));
  return `${what} is in the splits ${given.join(' and ')}: it counts in ${heldOutMost(labels)!}.`;
}

function labelOf({ cells }: TableRow, splitColumn: string | undefined, place: string): Label {
  const value = (names: readonly string[]) =>
    names.map((name) => cells[name]).find((text) => text !== undefined);
  const composer = value(columns.composer);
  const title = value(columns.title);
  const split = readSplit(splitColumn === undefined ? undefined : cells[splitColumn], place);
  return { ...(composer && { composer }), ...(title && { title }), ...(split && { split }) };
}

function splitColumnOf({ columns: names, rows }: Table): string | undefined {
  const [certain, ...others] = splitColumns;
  if (names.includes(certain)) return certain;
  return others.find((name) => {
    const cells = rows.flatMap((row) => row.cells[name] ?? []);
    return cells.length > 0 && cells.every((text) => splitNames[text.toLowerCase()] !== undefined);
  });
}

function readSplit(text: string | undefined, place: string): Split | undefined {
  if (text === undefined) return undefined;
  const split = splitNames[text.toLowerCase()];
  if (split !== undefined) return split;
  throw new UserError(
    `${place}: the split '${text}' is unknown.`,
    'Write train, validation or test, or leave it empty.',
  );
}

function describeUneven({ id }: SourceEntry, rows: readonly TableRow[]): string {
  const places = rows.map(({ place }) => place);
  const more = places.length > 3 ? ` and ${places.length - 3} more` : '';
  return `${id}: ${places.slice(0, 3).join(', ')}${more} ${rows.length === 1 ? 'has' : 'have'} more or fewer cells than the table has columns.`;
}

/** Makes a function that finds the path of a file by its name in a table, as it is or in another spelling. */
function fileFinder(files: readonly SourceEntry[]): (folder: string, name: string) => string | undefined {
  const spellings = [
    (path: string) => path,
    (path: string) => path.normalize('NFC'),
    (path: string) => path.normalize('NFC').toLowerCase(),
  ].map((spell) => ({ spell, paths: uniqueBy(files, ({ path }) => spell(path)) }));
  let reals: Map<string, string> | undefined;

  return (folder, name) => {
    const paths = [name, name.replaceAll('\\', '/')].map((spelt) => resolve(folder, spelt));
    for (const { spell, paths: known } of spellings) {
      const found = paths.map((path) => known.get(spell(path))).find((path) => path !== undefined);
      if (found !== undefined) return found;
    }
    // A file in another folder's name: through a link, or one that is not among the sources.
    const elsewhere = paths.find((path) => existsSync(path));
    if (elsewhere === undefined) return undefined;
    reals ??= uniqueBy(files, ({ path }) => realpathSync(path));
    return reals.get(realpathSync(elsewhere)) ?? elsewhere;
  };
}

/** Paths of files by a key, without those that share one. */
function uniqueBy(files: readonly SourceEntry[], keyOf: (file: SourceEntry) => string): Map<string, string> {
  const paths = new Map<string, string>();
  const shared = new Set<string>();
  for (const file of files) {
    const key = keyOf(file);
    if (paths.has(key)) shared.add(key);
    paths.set(key, file.path);
  }
  for (const key of shared) paths.delete(key);
  return paths;
}
