import { repeatDilations } from '@fermata/wavenet';

import type { Scale } from './scale';

const channels = { channels: 64, gate: 64, skip: 64 } as const;

/**
 * About an hour per model on one GPU that sustains 3 TFLOP/s, an untested assumption: 2e9 timesteps are 0.93e16 FLOPs
 * for #1.1 and 1.3e16 for #1.2. `fermata plan --scale medium --rate 3000` prints the figures for every row.
 */
export const medium: Scale = {
  name: 'medium',
  purpose:
    'About an hour per model on one GPU: 64 channels, half of the receptive field of the paper, 35 hours of training music.',
  trainMinutes: 6000,
  heldOutMinutes: 300,
  scoredMinutes: 30,
  corpusMinutes: 1200,
  unconditional: { dilations: repeatDilations(3, 10), width: 2, ...channels, head: 128 },
  encoder: { dilations: repeatDilations(1, 8), ...channels },
  modulator: { dilations: repeatDilations(1, 5), ...channels },
  localModel: { dilations: repeatDilations(3, 10), width: 2, ...channels, head: 128 },
  queryDepth: 64,
  audioBudget: {
    timesteps: 2_000_000_000,
    batchSize: 8,
    cropLength: 8192,
    learningRate: 2e-3,
    warmUpSteps: 1000,
  },
  codesBudget: {
    timesteps: 400_000_000,
    batchSize: 8,
    cropLength: 4096,
    learningRate: 2e-3,
    warmUpSteps: 1000,
  },
  profile: {
    receptiveFields: [0, 1, 2, 4, 8, 16, 32, 64, 128, 256],
    hidden: 128,
    budget: { timesteps: 100_000_000, batchSize: 16, cropLength: 512, learningRate: 0.02, warmUpSteps: 10 },
  },
  reconstruction: { count: 8, seconds: 10 },
  generationSeconds: 60,
};
