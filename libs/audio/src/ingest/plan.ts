import { UserError, fold, randomKey } from '@fermata/core';

import { assignSplits, inDrawnOrder, type Work } from '@fermata/data';
import { splits, type SkippedFile, type Split } from '@fermata/data';
import { convertIt } from '../files/otherFormats';
import type { RecordingReader } from '../recordings';
import { problemOf, type SourceEntry, type Sources } from './sources';
import type { Label, Labels } from './tables';
import { gatherWorks } from './works';

/** The part of a file for a split. */
export interface Part {
  readonly split: Split;
  /** Start of the part, as a share of the file's length. */
  readonly from: number;
  readonly to: number;
}

export interface PlannedFile extends Label, SourceEntry {
  readonly isMidi: boolean;
  /** Length in seconds, an estimate from its headers. */
  readonly seconds: number;
  readonly parts: readonly Part[];
}

export interface Plan {
  /** Files in the order of their use, until there is enough. */
  readonly files: readonly PlannedFile[];
  readonly notes: readonly string[];
}

/** A readable file, as far as its headers show. */
export type MeasuredFile = Omit<PlannedFile, 'parts'>;

/** An unusable file. */
export interface Failure {
  readonly file: SourceEntry;
  readonly error: UserError;
}

/** Share held out of a single piece, and the gap before it: seconds, and at most this share. */
const heldOut = 0.1;
const gapSeconds = 5;
const gapShare = 0.01;
// Files shorter than this share of the longest are not divided: their ends would be fragments.
const leastDivided = 0.1;

/**
 * Reads the header of each file.
 *
 * @returns the usable files, and the others with the error of each
 */
export async function measureFiles(
  sources: Sources,
  labels: Labels,
  reader: RecordingReader,
  signal?: AbortSignal,
): Promise<{ measured: MeasuredFile[]; failures: Failure[] }> {
  const measured: MeasuredFile[] = [];
  const failures: Failure[] = [];
  for (const file of sources.files) {
    try {
      const facts = await reader.measure(file.path, { signal });
      measured.push({ ...file, ...labels.of.get(file.path), ...facts });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      failures.push({ file, error });
    }
  }
  return { measured, failures };
}

/** Reason why a file is unusable, without its path; with the command that converts it, if one does. */
export function skippedBecause({ file, error }: Failure): SkippedFile {
  const problem = problemOf(error, file.path);
  const isConvertible = error.remedy.startsWith(convertIt);
  return { file: file.id, reason: isConvertible ? `${problem}. ${error.remedy}` : problem };
}

/**
 * Assigns each file to a split. Recordings of one work stay together.
 *
 * @param remarks notes on the splits that are given, which may explain an error
 * @throws UserError if the split of every piece is given and none is train
 */
export function planSplits(
  files: readonly MeasuredFile[],
  seed: number,
  remarks: readonly string[] = [],
): Plan {
  const gathered = gatherWorks(files);
  const { works } = gathered;
  const notes = [...gathered.notes];
  const key = fold(randomKey(seed), 'splits');
  const assignment = assignSplits(works, key);
  if (assignment.missing.includes('train')) {
    throw new UserError(
      ['No piece is in the train split.', ...remarks].join(' '),
      'Write train beside most of the pieces in the CSV file.',
    );
  }

  const ordered = inDrawnOrder(works, key).flatMap(({ id, recordings }) =>
    recordings.map((file) => ({ file, split: assignment.splits.get(id)! })),
  );
  if (works.some((work) => work.split === undefined)) notes.push(describeDraw(works, assignment.splits));
  const trained = ordered.filter(({ split }) => split === 'train').map(({ file }) => file.seconds);
  const shortest = leastDivided * Math.max(...trained);
  return {
    files: ordered.map(({ file, split }) => {
      const isDivided = split === 'train' && assignment.missing.length > 0 && file.seconds >= shortest;
      if (isDivided) notes.push(describeDivision(file, assignment.missing));
      return {
        ...file,
        parts: isDivided ? divide(file, assignment.missing) : [{ split, from: 0, to: 1 }],
      };
    }),
    notes,
  };
}

// Divides the end of the file among the empty splits, each after a gap.
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
  return `${file.id}: as the only piece long enough, its last 10% is held out (${missing.join(', ')}), after a gap of ${gap} s.`;
}

function describeDraw(works: readonly Work[], assigned: ReadonlyMap<string, Split>): string {
  const parts = splits.map((split) => {
    const members = works.filter(({ id }) => assigned.get(id) === split);
    const minutes = members.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
    return `${split} ${members.length} (${minutes.toFixed(1)} min)`;
  });
  return `A seeded draw assigned the pieces without a given split. The totals are ${parts.join(', ')}.`;
}
