import { UserError } from '@fermata/core';

import type { System } from './system';
import { table3 } from './table-3';

export type { System };

/** All systems, by number. */
export const systems: readonly System[] = table3;

/** The numbers of all systems. */
export const systemNames: readonly string[] = systems.map(({ id }) => id);

/** The system of that number. @throws UserError that lists the numbers */
export function systemNamed(id: string): System {
  const system = systems.find((candidate) => candidate.id === id);
  if (system === undefined) {
    throw new UserError(`System ${id} is unknown.`, `Choose one of ${systemNames.join(', ')}.`);
  }
  return system;
}
