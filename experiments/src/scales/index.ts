import { UserError } from '@fermata/core';

import { medium } from './medium';
import { paper } from './paper';
import type { Scale } from './scale';
import { small } from './small';
import { smoke } from './smoke';
import { tiny } from './tiny';

export { budgetSettings, scaleSettings, type Budget, type Scale } from './scale';

const scales: readonly Scale[] = [tiny, smoke, small, medium, paper];

/** Names of the scales, smallest first. */
export const scaleNames: readonly string[] = scales.map(({ name }) => name);

/** Finds a scale by its name. @throws UserError that lists the names */
export function scaleNamed(name: string): Scale {
  const scale = scales.find((candidate) => candidate.name === name);
  if (scale === undefined) {
    throw new UserError(`Scale ${name} is unknown.`, `Choose one of ${scaleNames.join(', ')}.`);
  }
  return scale;
}
