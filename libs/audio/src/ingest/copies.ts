import { createHash } from 'node:crypto';
import { basename, dirname, extname } from 'node:path';

import { blocksOf, SourceFile } from '../files/source';
import type { MeasuredFile } from './plan';
import { describeConflict, joinLabels, type Labels } from './tables';

/** A file with the performance of another file, which counts in its place. */
export interface Copy {
  /** The file that is not used. */
  readonly file: string;
  /** The file that is, both by id. */
  readonly of: string;
}

/** Most difference of the lengths of one recording in two formats, in seconds: some pad it with silence. */
export const paddingSeconds = 0.1;
// The MIDI of a recording may begin and end elsewhere.
const midiSeconds = 2;

/**
 * Finds files with the same performance as another, as far as names and bytes tell: a MIDI file in a table's row of a
 * recording or beside the recording, a file twice, a recording in two formats. A performance must not count twice, least
 * of all in two splits.
 */
export function findCopies(files: readonly MeasuredFile[], labels: Labels): Copy[] {
  const copies = [...midiCopies(files, labels), ...formatCopies(files)];
  const left = files.filter(({ id }) => !copies.some(({ file }) => file === id));
  return [...copies, ...byteCopies(left)];
}

/**
 * Removes the copies. Each remaining file has the labels of its copies too: of two splits, the one that is held out.
 *
 * @returns the remaining files, and notes about contradictory splits
 */
export function withoutCopies(
  files: readonly MeasuredFile[],
  copies: readonly Copy[],
): { files: MeasuredFile[]; notes: string[] } {
  const byId = new Map(files.map((file) => [file.id, file]));
  const replaced = new Map<string, string>();
  const usedFor = (id: string): MeasuredFile | undefined => {
    const other = replaced.get(id);
    return other === undefined ? byId.get(id) : usedFor(other);
  };
  const notes: string[] = [];
  for (const { file, of } of copies) {
    const [copy, kept] = [usedFor(file), usedFor(of)];
    if (copy === undefined || kept === undefined || copy.id === kept.id) continue;
    if (copy.split !== undefined && kept.split !== undefined && copy.split !== kept.split) {
      notes.push(describeConflict(`${kept.id}, the same as ${copy.id},`, [copy, kept]));
    }
    byId.set(kept.id, { ...kept, ...joinLabels(kept, copy) });
    byId.delete(copy.id);
    replaced.set(copy.id, kept.id);
  }
  return { files: [...byId.values()], notes };
}

/** Chooses the file to use of two with the same performance: the one with labels, then the larger one. */
export function copyOf(a: MeasuredFile, b: MeasuredFile): Copy {
  const rank = ({ split, title, size, id }: MeasuredFile) => [
    Number(split !== undefined),
    Number(title !== undefined),
    size,
    -id.length,
  ];
  const [ofA, ofB] = [rank(a), rank(b)];
  const differs = ofA.findIndex((value, index) => value !== ofB[index]);
  const isA = differs === -1 ? a.id < b.id : ofA[differs] > ofB[differs];
  return isA ? { file: b.id, of: a.id } : { file: a.id, of: b.id };
}

/** Names the copies, in one note for MIDI files and one for recordings. */
export function describeCopies(copies: readonly Copy[], files: readonly MeasuredFile[]): string[] {
  const midi = new Set(files.filter(({ isMidi }) => isMidi).map(({ id }) => id));
  const isPerformed = ({ file, of }: Copy) => midi.has(file) && !midi.has(of);
  return [
    describe('MIDI files with a recording of the same performance were ignored', copies.filter(isPerformed)),
    describe(
      'Music that is there twice counts once',
      copies.filter((copy) => !isPerformed(copy)),
    ),
  ].flat();
}

const mostNamed = 10;

function describe(what: string, copies: readonly Copy[]): string[] {
  if (copies.length === 0) return [];
  const named = copies.slice(0, mostNamed).map(({ file, of }) => `${file} (as ${of})`);
  const more = copies.length > mostNamed ? `, and ${copies.length - mostNamed} more` : '';
  return [`${what}: ${named.join(', ')}${more}.`];
}

function midiCopies(files: readonly MeasuredFile[], labels: Labels): Copy[] {
  const recordings = files.filter(({ isMidi }) => !isMidi);
  const byPath = groupBy(recordings, ({ path }) => path);
  const byStem = groupBy(recordings, ({ path }) => stemOf(path));
  // A folder of MIDI files often lies beside the folder of their recordings.
  const byName = groupBy(recordings, ({ path }) => nameBeside(path));
  return files
    .filter(({ isMidi }) => isMidi)
    .flatMap((midi): Copy[] => {
      const [recording] = [
        ...(byPath.get(labels.doubles.get(midi.path) ?? '') ?? []),
        ...(byStem.get(stemOf(midi.path)) ?? []),
        ...(byName.get(nameBeside(midi.path)) ?? []).filter(
          ({ seconds }) => Math.abs(seconds - midi.seconds) <= midiSeconds,
        ),
      ];
      return (recording as MeasuredFile | undefined) === undefined
        ? []
        : [{ file: midi.id, of: recording.id }];
    });
}

/** Recordings in one folder with the same name but for the extension, and of the same length. */
function formatCopies(files: readonly MeasuredFile[]): Copy[] {
  const recordings = files.filter(({ isMidi }) => !isMidi);
  return [...groupBy(recordings, ({ path }) => stemOf(path)).values()].flatMap((group) =>
    copiesIn(group, (a, b) => Math.abs(a.seconds - b.seconds) <= paddingSeconds),
  );
}

/** Files of the same bytes. */
function byteCopies(files: readonly MeasuredFile[]): Copy[] {
  return [...groupBy(files, ({ size }) => String(size)).values()]
    .filter((group) => group.length > 1)
    .flatMap((group) => [...groupBy(group, partialHash).values()])
    .filter((group) => group.length > 1)
    .flatMap((group) => [...groupBy(group, ({ path }) => hashOf(path)).values()])
    .flatMap((group) => copiesIn(group, () => true));
}

/** Copies in a group of files: each is compared with those that are kept so far. */
function copiesIn(
  group: readonly MeasuredFile[],
  isSame: (a: MeasuredFile, b: MeasuredFile) => boolean,
): Copy[] {
  const copies: Copy[] = [];
  // The best comes first, so that all others are copies of it.
  const ordered = [...group].sort((a, b) => (copyOf(a, b).of === a.id ? -1 : 1));
  const kept: MeasuredFile[] = [];
  for (const file of ordered) {
    const same = kept.find((one) => isSame(one, file));
    if (same === undefined) kept.push(file);
    else copies.push({ file: file.id, of: same.id });
  }
  return copies;
}

// Case and Unicode forms differ between systems that the files went through.
function plain(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

function stemOf(path: string): string {
  return plain(path.slice(0, path.length - extname(path).length));
}

function nameBeside(path: string): string {
  return `${dirname(dirname(path))}\0${basename(stemOf(path))}`;
}

// Tells most files of equal size apart without reading them as a whole.
const partBytes = 1 << 16;
function partialHash({ path, size }: MeasuredFile): string {
  const middle = Math.max(0, Math.floor((size - partBytes) / 2));
  return hashOf(path, middle, Math.min(size, middle + partBytes));
}

function hashOf(path: string, from = 0, to?: number): string {
  const file = new SourceFile(path);
  try {
    const hash = createHash('sha256');
    for (const block of blocksOf(file, from, to)) hash.update(block);
    return hash.digest('hex');
  } finally {
    file.close();
  }
}

function groupBy(
  files: readonly MeasuredFile[],
  keyOf: (file: MeasuredFile) => string,
): Map<string, MeasuredFile[]> {
  const groups = new Map<string, MeasuredFile[]>();
  for (const file of files) {
    const key = keyOf(file);
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  return groups;
}
