import { learningRateAt } from '@fermata/training';

import type { Scale } from '../scales';
import type { Row } from './row';
import { budgetOf } from './modelOf';
import { rowConfig, type Settings } from './settings';
import { stepsOf, trainingConfig } from './training';

/** Share of the learning rate that a training should come to. */
const reachedShare = 0.5;

/**
 * Describes what a changed budget does to the warm-up of the learning rate: shortened, or too long for the training to
 * come near its learning rate. Undefined if there is nothing to say.
 *
 * @throws UserError for settings that the row cannot have
 */
export function warmUpNote(row: Row, scale: Scale, settings: Settings = {}): string | undefined {
  const { budget, loop } = rowConfig(row, scale, settings);
  const { warmUpSteps } = budget;
  const steps = stepsOf(budget);
  const planned = budgetOf(row, scale).warmUpSteps;
  if (warmUpSteps < planned && planned >= steps && !('budget.warmUpSteps' in settings)) {
    return `The warm-up of ${planned} steps would outlast the training of ${steps}: it is shortened to ${warmUpSteps}, its share of the scale's budget. budget.warmUpSteps sets another.`;
  }
  const config = trainingConfig(budget, 0, loop);
  const rates = Array.from({ length: Math.min(steps, warmUpSteps + 1) }, (_, step) =>
    learningRateAt(config, step),
  );
  const share = Math.max(...[0, ...rates]) / budget.learningRate;
  if (share >= reachedShare) return undefined;
  return `The warm-up takes ${warmUpSteps} of ${steps} steps: the learning rate never passes ${Math.round(100 * share)}% of budget.learningRate. Lower budget.warmUpSteps, or raise budget.timesteps.`;
}
