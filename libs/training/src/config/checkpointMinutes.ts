import { UserError } from '@fermata/core';

/** Minutes between checkpoints unless FERMATA_CHECKPOINT_MINUTES names others. */
export const defaultCheckpointMinutes = 5;

/**
 * Most minutes of training that a killed process loses: FERMATA_CHECKPOINT_MINUTES, else 5. It is no part of a run's
 * name, because the times of checkpoints change no number.
 *
 * @throws UserError if the variable is not a number above 0
 */
export function checkpointMinutes(): number {
  const { FERMATA_CHECKPOINT_MINUTES: named = '' } = process.env;
  if (named.trim() === '') return defaultCheckpointMinutes;
  const minutes = Number(named);
  if (minutes > 0) return minutes;
  throw new UserError(`FERMATA_CHECKPOINT_MINUTES is ${named}.`, 'Give a number of minutes above 0.');
}
