import { UserError } from '@fermata/core';
import { RunStore } from '@fermata/training';

import { cardOf, type ModelCard } from './modelCard';

/** The trained rows in the folder of runs, by row, scale, data and seed. */
export function listModels(store = new RunStore()): ModelCard[] {
  return store
    .list()
    .flatMap((run) => cardOf(run) ?? [])
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
 * @throws UserError if no run or several runs match, and for a run that trained no row
 */
export function findRun(beginning: string, store = new RunStore()): ModelCard {
  const found = store.list().filter(({ id }) => id.startsWith(beginning));
  if (found.length === 0) {
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
