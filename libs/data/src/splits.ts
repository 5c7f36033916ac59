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
  /** Splits without works enough: cut the end off the recordings in train for them. */
  readonly missing: readonly Split[];
}

/** Share of the music in each held-out split. */
const heldOut = 0.1;
// Least share of that in a held-out split, unless its works are given.
const fewest = 0.25;

/**
 * Assigns works to splits. Works with a given split keep it. Of the other works, in an order drawn by key, about 10% of
 * all music goes to test, then 10% to validation, and the rest to train. If all works are too long for that, the one that
 * comes nearest to 10% goes there, as long as train keeps its longest. A held-out split without given or free works takes
 * works from train. It stays empty if that would leave it less than 2.5%: a fragment is no measure of anything.
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
    const before = sumSeconds(works.filter(({ id }) => assigned.get(id) === split));
    const taken: Work[] = [];
    let held = before;
    const take = (work: Work) => {
      taken.push(work);
      held += work.seconds;
    };
    for (const work of candidates) {
      if (held < 0.75 * target && held + work.seconds <= 1.25 * target) take(work);
    }
    if (held < 0.5 * target) {
      // Each of the other works is longer than it should be.
      const distance = (work?: Work) => Math.abs(Math.log((held + (work?.seconds ?? 0)) / target));
      const others = candidates.filter((work) => !taken.includes(work));
      const nearest = others.reduce<Work | undefined>(
        (best, work) => (distance(work) < distance(best) ? work : best),
        undefined,
      );
      if (nearest !== undefined) take(nearest);
    }
    if (held >= fewest * target || given.has(split)) for (const { id } of taken) assigned.set(id, split);
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

/** Works in an order drawn by key and name: adding a work leaves the order of the others unchanged. */
export function inDrawnOrder<W extends { readonly id: string }>(works: readonly W[], key: RandomKey): W[] {
  return works
    .map((work) => ({ work, drawn: fold(key, work.id) }))
    .sort((a, b) => a.drawn.high - b.drawn.high || a.drawn.low - b.drawn.low)
    .map(({ work }) => work);
}
