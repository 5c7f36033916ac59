import { secondsOf, splits, type Split, type TimedDataset } from '@fermata/data';
import { duration, UserError } from '@fermata/core';

// Numbers of less music say little about a model, and numbers of less than a second nothing.
const fewSeconds = 10;
const fewestSeconds = 1;

/** Describes the splits with so little music that their numbers mean little: `test: 3 s`; undefined if there are none. */
export function describeShortSplits(dataset: TimedDataset): string | undefined {
  const short = splits.filter((split) => secondsOf(dataset, split) < fewSeconds);
  if (short.length === 0) return undefined;
  return short.map((split) => `${split}: ${shown(secondsOf(dataset, split))}`).join(', ');
}

/** @throws UserError if a split has too little music to measure anything on */
export function requireScorable(dataset: TimedDataset, split: Split): void {
  const seconds = secondsOf(dataset, split);
  if (seconds >= fewestSeconds) return;
  throw new UserError(
    `The ${split} split has only ${shown(seconds)} of music, too little to measure an NLL on.`,
    'Add recordings, or name the split of each piece in a CSV file beside them.',
  );
}

function shown(seconds: number): string {
  return seconds < fewSeconds ? `${Math.floor(10 * seconds) / 10} s` : duration(seconds);
}
