import { duration } from '@fermata/core';

import type { Performance } from '../performance';

// Seconds: a longer rest is a mistake of the file, most likely a damaged delta time; and what remains of it.
const longestRest = 300;
const shortenedRest = 10;

/** Shortens each rest of more than five minutes to ten seconds, and says so. */
export function shortenRests({ notes, pedal }: Performance): {
  performance: Performance;
  remarks: string[];
} {
  const cuts: Cut[] = [];
  let removed = 0;
  const remarks: string[] = [];
  let silentFrom = 0;
  for (const { onset, duration: held } of notes) {
    const rest = onset - silentFrom;
    if (rest > longestRest) {
      const from = silentFrom + shortenedRest;
      cuts.push({ from, to: onset, before: removed });
      removed += onset - from;
      remarks.push(
        `its rest of ${duration(rest)} after ${duration(silentFrom)} is shortened to ${shortenedRest} s`,
      );
    }
    silentFrom = Math.max(silentFrom, onset + held);
  }
  if (cuts.length === 0) return { performance: { notes, pedal }, remarks };

  const moved = (time: number) => time - removedBefore(time, cuts);
  return {
    performance: {
      notes: notes.map((note) => ({ ...note, onset: moved(note.onset) })),
      pedal: pedal
        .map(({ down, up }) => ({ down: moved(down), up: moved(up) }))
        .filter(({ down, up }) => up > down),
    },
    remarks,
  };
}

/** A stretch of time that is left out, in seconds. */
interface Cut {
  readonly from: number;
  readonly to: number;
  /** Time left out by the cuts before it. */
  readonly before: number;
}

/** Time left out before a time. Everything within a cut moves to its beginning. */
function removedBefore(time: number, cuts: readonly Cut[]): number {
  // Finds, by bisection, the last cut that begins by then.
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cuts[middle].from <= time) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return 0;
  const { from, to, before } = cuts[low - 1];
  return before + Math.min(time, to) - from;
}
