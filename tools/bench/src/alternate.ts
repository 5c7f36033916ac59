import type { ProgressListener } from '@fermata/core';
import { setTimeout } from 'node:timers/promises';

import type { Contender } from './contender';
import type { Part } from './protocol';
import { median } from './statistics';

/** Entry that is measured again and again. */
export interface Entry {
  /** Name shown as progress, such as `native step`. */
  readonly name: string;
  readonly contender: Contender;
  readonly part: Part;
}

export interface AlternateOptions {
  /** Number of turns of each entry. */
  readonly rounds: number;
  /** Length of a turn in seconds: a turn repeats its measurement for about that long, but at least once. */
  readonly seconds: number;
  readonly onProgress?: ProgressListener;
}

// Threads that spin after their last work, as OpenMP's do, must not disturb the next turn.
const pauseMilliseconds = 30;
const mostRepetitions = 1000;
// An entry whose measurement takes longer gets at most `fewRounds` turns.
const slowSeconds = 2;
const fewRounds = 3;

/**
 * Measures entries in turn, A B C A B C …, so that other load on the machine disturbs all of them alike.
 *
 * @returns for each entry, the median of each of its turns: seconds, or the unit of its part; empty if there is nothing
 *   to measure
 */
export async function alternate(
  entries: readonly Entry[],
  { rounds, seconds, onProgress }: AlternateOptions,
): Promise<number[][]> {
  const turns = entries.map(() => [] as number[]);
  const repetitions = entries.map(() => 1);
  const slow = entries.map(() => false);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { name, contender, part }] of entries.entries()) {
      onProgress?.({
        stage: name,
        done: round * entries.length + index,
        total: rounds * entries.length,
      });
      if (slow[index] && turns[index].length >= fewRounds) continue;
      await setTimeout(pauseMilliseconds);
      const values = await contender.measure(part, repetitions[index]);
      if (values === null) continue;
      const value = median(values);
      turns[index].push(value);
      if (part === 'peak') continue;
      repetitions[index] = Math.min(mostRepetitions, Math.max(1, Math.round(seconds / value)));
      slow[index] = value > slowSeconds;
    }
  }
  return turns;
}
