import { UserError } from '@fermata/core';
import { RunStore } from '@fermata/training';
import { join } from 'node:path';

import { cardOf, type ModelCard } from './modelCard';

/**
 * The trained rows in the folder of runs, by row, scale, data and seed.
 *
 * @param onDamaged called for each run with a damaged file, which is left out
 */
export function listModels(
  store = new RunStore(),
  onDamaged: (error: UserError) => void = () => undefined,
): ModelCard[] {
  return store
    .list(onDamaged)
    .flatMap((run) => {
      try {
        return cardOf(run) ?? [];
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        onDamaged(error);
        return [];
      }
    })
    .sort(
      (a, b) =>
        a.row.localeCompare(b.row) ||
        a.scale.localeCompare(b.scale) ||
        a.data.name.localeCompare(b.data.name) ||
        a.seed - b.seed,
    );
}

/**
 * Finds the card of a run by the beginning of its id.
 *
 * @throws UserError if no run or several runs match, for a run that trained no row, and for one with a damaged file
 */
export function findRun(beginning: string, store = new RunStore()): ModelCard {
  const damaged: UserError[] = [];
  const found = store.list((error) => damaged.push(error)).filter(({ id }) => id.startsWith(beginning));
  if (found.length === 0) {
    const own = damaged.find(({ problem }) => problem.startsWith(join(store.folder, beginning)));
    if (own !== undefined) throw own;
    throw new UserError(
      `${store.folder}: no run begins with ${beginning}.`,
      'List them with `fermata runs`, or name another folder in FERMATA_RUNS.',
    );
  }
  if (found.length > 1) {
    const ids = found.map(({ id }) => id).join(', ');
    throw new UserError(`Several runs begin with ${beginning}: ${ids}.`, 'Give more letters.');
  }
  const card = cardOf(found[0]);
  if (card === undefined) {
    throw new UserError(`Run ${found[0].id} trained no row of a table.`, 'List models with `fermata runs`.');
  }
  return card;
}
