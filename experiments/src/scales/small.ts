import { repeatDilations } from '@fermata/wavenet';

import type { Scale } from './scale';

const channels = { channels: 32, gate: 32, skip: 32 } as const;

export const small: Scale = {
  name: 'small',
  purpose:
    'A small version of the paper: about ten minutes per model on two cores with compiled kernels, with 104 minutes of training music.',
  trainMinutes: 360,
  heldOutMinutes: 60,
  scoredMinutes: 6,
  corpusMinutes: 120,
  unconditional: { dilations: repeatDilations(2, 10), width: 2, ...channels, head: 64 },
  encoder: { dilations: repeatDilations(1, 8), ...channels },
  modulator: { dilations: repeatDilations(1, 4), ...channels },
  localModel: { dilations: repeatDilations(2, 10), width: 2, ...channels, head: 64 },
  queryDepth: 8,
  audioBudget: {
    timesteps: 100_000_000,
    batchSize: 4,
    cropLength: 3072,
    learningRate: 6e-3,
    warmUpSteps: 400,
  },
  codesBudget: {
    timesteps: 20_000_000,
    batchSize: 4,
    cropLength: 2048,
    learningRate: 3e-3,
    warmUpSteps: 400,
  },
  profile: {
    receptiveFields: [0, 1, 2, 4, 8, 16, 32, 64, 128, 256],
    hidden: 64,
    budget: { timesteps: 10_000_000, batchSize: 16, cropLength: 512, learningRate: 0.02, warmUpSteps: 10 },
  },
  reconstruction: { count: 6, seconds: 10 },
  generationSeconds: 30,
};
