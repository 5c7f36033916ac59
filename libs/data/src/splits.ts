import { fold, type RandomKey } from '@fermata/core';

import { splits, type Split } from './format';

/** Musical work, with any number of recordings: the unit that a split must not divide. */
export interface Work {
  readonly id: string;
  /** Length of all its recordings together. */
  readonly seconds: number;
  /** Its split, if it is given. */
  readonly split?: Split;
}

export interface Assignment {
  /** Split of each work, by id. */
  readonly splits: ReadonlyMap<string, Split>;
  /** Splits without a work: cut the end off each recording of the only work in train for them. */
  readonly missing: readonly Split[];
}

/** Share of the music in each held-out split. */
const heldOut = 0.1;

/**
 * Assigns works to splits. Works with a given split keep it. Of the other works, in an order drawn by key, about 10% of
 * all music goes to test, then 10% to validation, and the rest to train. Test and validation get at least one work
 * each, as long as train keeps its longest. A held-out split without given or free works takes works from train.
 */
export function assignSplits(works: readonly Work[], key: RandomKey): Assignment {
  const assigned = new Map(works.flatMap(({ id, split }) => (split === undefined ? [] : [[id, split]])));
  const given = new Set(assigned.values());
  const target = heldOut * sumSeconds(works);
  const drawn = inDrawnOrder(works, key);

  for (const split of ['test', 'validation'] as const) {
    const unassigned = drawn.filter(({ id }) => !assigned.has(id));
    const free =
      unassigned.length > 0 || given.has(split)
        ? unassigned
        : drawn.filter(({ id }) => assigned.get(id) === 'train');
    const kept = unassigned.length > 0 && given.has('train') ? undefined : longest(free);
    const candidates = free.filter((work) => work !== kept);
    let held = sumSeconds(works.filter(({ id }) => assigned.get(id) === split));
    for (const { id, seconds } of candidates) {
      if (held >= 0.75 * target || held + seconds > 1.25 * target) continue;
      assigned.set(id, split);
      held += seconds;
    }
    // Each of these works is longer than 12.5% of the music.
    if (held === 0 && candidates.length > 0) assigned.set(shortest(candidates).id, split);
  }

  for (const { id } of works) if (!assigned.has(id)) assigned.set(id, 'train');
  const present = new Set(assigned.values());
  return { splits: assigned, missing: splits.filter((split) => !present.has(split)) };
}

function sumSeconds(works: readonly Work[]): number {
  return works.reduce((sum, { seconds }) => sum + seconds, 0);
}

function longest(works: readonly Work[]): Work | undefined {
  return works.length === 0
    ? undefined
    : works.reduce((most, work) => (work.seconds > most.seconds ? work : most));
}

function shortest(works: readonly Work[]): Work {
  return works.reduce((least, work) => (work.seconds < least.seconds ? work : least));
}

/** Works in an order drawn by key and name: adding a work leaves the order of the others unchanged. */
export function inDrawnOrder<W extends { readonly id: string }>(works: readonly W[], key: RandomKey): W[] {
  return works
    .map((work) => ({ work, drawn: fold(key, work.id) }))
    .sort((a, b) => a.drawn.high - b.drawn.high || a.drawn.low - b.drawn.low)
    .map(({ work }) => work);
}
