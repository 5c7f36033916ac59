import { UserError } from '@fermata/core';
import type { DrawSettings } from '@fermata/models';

import type { OpenedModel } from './openModel';

/** Draw settings by level. Level 1 draws audio; a prior is the level above the highest autoencoder. */
export interface LevelSettings {
  /** Settings of all levels. */
  readonly all: DrawSettings;
  /** Settings of single levels by number, in place of those for all levels. */
  readonly levels: ReadonlyMap<number, DrawSettings>;
}

export const noSettings: LevelSettings = { all: {}, levels: new Map() };

/**
 * Settings of each level of an opened model, level 1 first.
 *
 * @throws UserError for a level that the model does not have
 */
export function settingsByLevel({ below }: OpenedModel, { levels }: LevelSettings): DrawSettings[] {
  const height = below.length + 1;
  const unknown = [...levels.keys()].find((level) => level < 1 || level > height);
  if (unknown !== undefined) {
    throw new UserError(
      `This system has no level ${unknown}.`,
      height === 1 ? 'Its only level is 1.' : `Its levels are 1 (audio) to ${height}.`,
    );
  }
  return Array.from({ length: height }, (_, index) => levels.get(index + 1) ?? {});
}
