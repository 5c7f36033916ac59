import { repeatDilations } from '@fermata/wavenet';

import type { Scale } from './scale';

const channels = { channels: 16, gate: 16, skip: 32 } as const;

export const tiny: Scale = {
  name: 'tiny',
  purpose:
    'A demonstration of every step in minutes, even on machines without compiled kernels: models of 16 channels that ' +
    'see a fraction of a few minutes of music. Results at this scale decide nothing about the paper.',
  rows: ['1.1', '1.2', '1.4', '2.1'],
  trainMinutes: 4,
  heldOutMinutes: 0.5,
  scoredMinutes: 0.25,
  corpusMinutes: 5,
  unconditional: { dilations: repeatDilations(2, 8), width: 2, ...channels, head: 32 },
  encoder: { dilations: repeatDilations(1, 8), ...channels },
  modulator: { dilations: repeatDilations(1, 2), ...channels },
  localModel: { dilations: repeatDilations(1, 8), width: 2, ...channels, head: 32 },
  queryDepth: 16,
  audioBudget: { timesteps: 2_000_000, batchSize: 4, cropLength: 1024, learningRate: 3e-3, warmUpSteps: 60 },
  codesBudget: { timesteps: 1_000_000, batchSize: 4, cropLength: 1024, learningRate: 3e-3, warmUpSteps: 60 },
  profile: {
    receptiveFields: [0, 1, 4, 16, 64, 128],
    hidden: 64,
    budget: { timesteps: 921_600, batchSize: 16, cropLength: 192, learningRate: 0.02, warmUpSteps: 10 },
  },
  reconstruction: { count: 1, seconds: 4 },
  generationSeconds: 10,
};
