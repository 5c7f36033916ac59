import { UserError, fold, randomKey } from '@fermata/core';

import { assignSplits, inDrawnOrder, type Work } from '@fermata/data';
import { splits, type SkippedFile, type Split } from '@fermata/data';
import { audioSeconds } from '../files';
import { SourceFile } from '../files/source';
import { performanceLength, readMidi } from '../music';
import type { SourceEntry, Sources } from './sources';
import type { Label, Labels } from './tables';
import { gatherWorks } from './works';

/** What part of a file goes to a split. */
export interface Part {
  readonly split: Split;
  /** Shares of the file's length. */
  readonly from: number;
  readonly to: number;
}

export interface PlannedFile extends Label, SourceEntry {
  readonly isMidi: boolean;
  /** From its headers: an estimate. */
  readonly seconds: number;
  readonly parts: readonly Part[];
}

export interface Plan {
  /** In the order in which they are taken until there is enough. */
  readonly files: readonly PlannedFile[];
  readonly notes: readonly string[];
}

/** A file that can be read, as far as its headers tell. */
export type MeasuredFile = Omit<PlannedFile, 'parts'>;

/** A file that cannot be used. */
export interface Failure {
  readonly file: SourceEntry;
  readonly error: UserError;
}

/** The share held out of a single piece, and the gap before what is held out: seconds, and at most this share. */
const heldOut = 0.1;
const gapSeconds = 5;
const gapShare = 0.01;

/**
 * Looks at the header of each file.
 *
 * @returns the files that can be used, and the others with the error of each
 */
export function measureFiles(
  sources: Sources,
  labels: Labels,
): { measured: MeasuredFile[]; failures: Failure[] } {
  const measured: MeasuredFile[] = [];
  const failures: Failure[] = [];
  for (const file of sources.files) {
    try {
      const isMidi = beginsLikeMidi(file.path);
      const seconds = isMidi ? performanceLength(readMidi(file.path)) : audioSeconds(file.path);
      measured.push({ ...file, ...labels.of.get(file.path), isMidi, seconds });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      failures.push({ file, error });
    }
  }
  return { measured, failures };
}

/** Says of a file that cannot be used why, without its path. */
export function skippedBecause({ file, error }: Failure): SkippedFile {
  return { file: file.id, reason: error.problem.replace(`${file.path}: `, '').replace(/\.$/, '') };
}

/**
 * Leaves out MIDI files that are notes of a recording which is there too: the CSV says so, or they lie beside it under
 * the same name. One performance must not come twice, least of all into two splits.
 */
export function withoutDoubles(files: readonly MeasuredFile[], labels: Labels): MeasuredFile[] {
  const stem = (path: string) => path.replace(/\.[^.]*$/, '');
  const recorded = new Set(files.filter(({ isMidi }) => !isMidi).map(({ path }) => stem(path)));
  return files.filter(
    ({ isMidi, path }) => !labels.doubles.has(path) && !(isMidi && recorded.has(stem(path))),
  );
}

/**
 * Gives each file its split. Recordings of one work stay together.
 *
 * @throws UserError when the split of every piece is given and none is train
 */
export function planSplits(files: readonly MeasuredFile[], seed: number): Plan {
  const gathered = gatherWorks(files);
  const { works } = gathered;
  const notes = [...gathered.notes];
  const key = fold(randomKey(seed), 'splits');
  const assignment = assignSplits(works, key);
  if (assignment.missing.includes('train')) {
    throw new UserError(
      'No piece is in the train split.',
      'Write train beside most of the pieces in the CSV file.',
    );
  }

  const ordered = inDrawnOrder(works, key).flatMap(({ id, recordings }) =>
    recordings.map((file) => ({ file, split: assignment.splits.get(id)! })),
  );
  if (works.some((work) => work.split === undefined)) notes.push(describeDraw(works, assignment.splits));
  return {
    files: ordered.map(({ file, split }) => {
      const isDivided = split === 'train' && assignment.missing.length > 0;
      if (isDivided) notes.push(describeDivision(file, assignment.missing));
      return {
        ...file,
        parts: isDivided ? divide(file, assignment.missing) : [{ split, from: 0, to: 1 }],
      };
    }),
    notes,
  };
}

// The end of the file for the splits that have nothing, each after a gap.
function divide(file: MeasuredFile, missing: readonly Split[]): Part[] {
  const gap = gapOf(file);
  const share = heldOut / missing.length;
  return [
    { split: 'train', from: 0, to: 1 - heldOut - gap },
    ...missing.map((split, index) => ({
      split,
      from: 1 - heldOut + index * share + (index > 0 ? gap : 0),
      to: 1 - heldOut + (index + 1) * share,
    })),
  ];
}

function gapOf({ seconds }: MeasuredFile): number {
  return Math.min(gapShare, gapSeconds / seconds);
}

function describeDivision(file: MeasuredFile, missing: readonly Split[]): string {
  const gap = (gapOf(file) * file.seconds).toFixed(1);
  return `${file.id}: for want of other pieces its last 10% is held out (${missing.join(', ')}), after a gap of ${gap} s.`;
}

function describeDraw(works: readonly Work[], assigned: ReadonlyMap<string, Split>): string {
  const parts = splits.map((split) => {
    const members = works.filter(({ id }) => assigned.get(id) === split);
    const minutes = members.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
    return `${split} ${members.length} (${minutes.toFixed(1)} min)`;
  });
  return `A seeded draw assigned the pieces whose split is not given. In all there are: ${parts.join(', ')}.`;
}

function beginsLikeMidi(path: string): boolean {
  const file = new SourceFile(path);
  try {
    return file.read(0, 4).toString('latin1') === 'MThd';
  } finally {
    file.close();
  }
}
