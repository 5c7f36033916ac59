import { UserError } from '@fermata/core';

import { medium } from './medium';
import { paper } from './paper';
import type { Scale } from './scale';
import { small } from './small';
import { smoke } from './smoke';
import { tiny } from './tiny';

export type { Budget, Scale, StackSize, WaveNetSize } from './scale';

const scales: readonly Scale[] = [tiny, smoke, small, medium, paper];

/** The names of the scales, smallest first. */
export const scaleNames: readonly string[] = scales.map(({ name }) => name);

/** The scale of that name. @throws UserError that lists the names */
export function scaleNamed(name: string): Scale {
  const scale = scales.find((candidate) => candidate.name === name);
  if (scale === undefined) {
    throw new UserError(`--scale: there is no scale ${name}.`, `Choose one of ${scaleNames.join(', ')}.`);
  }
  return scale;
}
