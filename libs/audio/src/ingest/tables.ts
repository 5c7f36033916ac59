import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { UserError, asFileError } from '@fermata/core';
import { parse } from 'csv-parse/sync';

import type { SkippedFile, Split } from '@fermata/data';
import type { SourceEntry } from './sources';

/** Entry of a CSV file about a recording or MIDI file. */
export interface Label {
  readonly composer?: string;
  readonly title?: string;
  readonly split?: Split;
}

export interface Labels {
  /** Labels by absolute path. */
  readonly of: ReadonlyMap<string, Label>;
  /** MIDI files whose row also names a recording of the same performance, which replaces them. */
  readonly doubles: ReadonlySet<string>;
  /** Named files that do not exist. */
  readonly missing: readonly SkippedFile[];
  readonly notes: readonly string[];
}

// Names of the columns, including MAESTRO's; recordings come before MIDI files.
const columns = {
  file: ['audio_filename', 'file', 'filename', 'file_name', 'path', 'audio', 'midi_filename', 'midi'],
  composer: ['composer', 'canonical_composer'],
  title: ['title', 'canonical_title', 'piece', 'work'],
  split: ['split'],
};

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
 * Reads the CSV files among the recordings. The first row names the columns. A table of recordings has a column of file
 * names, relative to the CSV file.
 *
 * @throws UserError if a CSV file cannot be parsed, or if a split is not train, validation or test
 */
export function readLabels(tables: readonly SourceEntry[]): Labels {
  const of = new Map<string, Label>();
  const doubles = new Set<string>();
  const missing: SkippedFile[] = [];
  const notes: string[] = [];
  for (const table of tables) {
    const rows = parseTable(table.path);
    const names = Object.keys(rows[0] ?? {});
    if (!columns.file.some((column) => names.includes(column))) {
      notes.push(
        `${table.id} was ignored: it has no column named ${columns.file.slice(0, 3).join(', ')} or similar.`,
      );
      continue;
    }
    rows.forEach((row, index) => {
      const value = (key: keyof typeof columns) =>
        columns[key].map((column) => row[column]).find((text) => text);
      const named = columns.file.map((column) => row[column]).filter((name): name is string => Boolean(name));
      const there = named
        .map((name) => resolve(dirname(table.path), name))
        .filter((path) => existsSync(path));
      if (there.length === 0) {
        missing.push({
          file: named[0] ?? `${table.id}, row ${index + 2}`,
          reason: `${table.id} names it, but it does not exist`,
        });
        return;
      }
      const composer = value('composer');
      const title = value('title');
      const split = readSplit(value('split'), `${table.path}, row ${index + 2}`);
      const label = { ...(composer && { composer }), ...(title && { title }), ...(split && { split }) };
      there.forEach((path, position) => {
        if (position > 0) doubles.add(path);
        if (!of.has(path)) of.set(path, label);
      });
    });
  }
  return { of, doubles, missing, notes };
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

function parseTable(path: string): Record<string, string | undefined>[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw asFileError(error, path);
  }
  try {
    return parse(text, {
      bom: true,
      columns: (header: string[]) => header.map((name) => name.toLowerCase()),
      skip_empty_lines: true,
      trim: true,
      relax_column_count: true,
    });
  } catch (error) {
    throw new UserError(
      `${path}: the CSV cannot be read (${(error as Error).message}).`,
      'Correct it, or move it elsewhere.',
    );
  }
}
