import type { TrainingConfig } from '../config/trainingConfig';

/** Learning rate of a step, counted from 0: a pure function, so that a resumed run needs only its step. */
export function learningRateAt(
  { learningRate, schedule, steps }: Pick<TrainingConfig, 'learningRate' | 'schedule' | 'steps'>,
  step: number,
): number {
  const { warmUpSteps } = schedule;
  const warmUp = step < warmUpSteps ? (step + 1) / warmUpSteps : 1;
  return learningRate * warmUp * decay(schedule, step, step / steps);
}

function decay(schedule: TrainingConfig['schedule'], step: number, elapsed: number): number {
  switch (schedule.kind) {
    case 'constant':
      return 1;
    case 'halving':
      return 0.5 ** Math.floor(step / schedule.every);
    case 'exponential':
      return schedule.finalFraction ** elapsed;
    case 'cosine':
      return schedule.finalFraction + ((1 - schedule.finalFraction) * (1 + Math.cos(Math.PI * elapsed))) / 2;
  }
}
