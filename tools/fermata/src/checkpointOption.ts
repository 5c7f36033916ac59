import { checkpointMinutes } from '@fermata/training';
import { Option } from 'commander';

import { real } from './options';

/** The option `--checkpoint-minutes` of the commands that train. */
export function checkpointOption(): Option {
  return new Option(
    '--checkpoint-minutes <number>',
    'most minutes of training that a kill or a power cut loses (also FERMATA_CHECKPOINT_MINUTES); 5 unless given',
  ).argParser(real({ above: 0 }));
}

/**
 * Sets the minutes between checkpoints for this process and its child processes.
 *
 * @throws UserError for a value of FERMATA_CHECKPOINT_MINUTES that is not a number above 0
 */
export function useCheckpointMinutes(minutes: number | undefined): void {
  if (minutes !== undefined) process.env.FERMATA_CHECKPOINT_MINUTES = String(minutes);
  checkpointMinutes();
}
