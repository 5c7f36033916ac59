import { repeatDilations } from '@fermata/wavenet';

import type { Scale } from './scale';

const channels = { channels: 32, gate: 32, skip: 32 } as const;

export const smoke: Scale = {
  name: 'smoke',
  purpose:
    'A smoke test of the paper on two cores with compiled kernels, in minutes: models of 32 channels that ' +
    'see less than one pass over a few minutes of music. The order of rows means little at this scale.',
  trainMinutes: 8,
  heldOutMinutes: 1,
  scoredMinutes: 0.5,
  corpusMinutes: 10,
  unconditional: { dilations: repeatDilations(2, 9), width: 2, ...channels, head: 64 },
  encoder: { dilations: repeatDilations(1, 8), ...channels },
  modulator: { dilations: repeatDilations(1, 3), ...channels },
  localModel: { dilations: repeatDilations(1, 9), width: 2, ...channels, head: 64 },
  queryDepth: 8,
  audioBudget: { timesteps: 5_120_000, batchSize: 4, cropLength: 2048, learningRate: 6e-3, warmUpSteps: 100 },
  codesBudget: { timesteps: 1_536_000, batchSize: 4, cropLength: 1536, learningRate: 3e-3, warmUpSteps: 100 },
  profile: {
    receptiveFields: [0, 1, 2, 4, 8, 16, 32, 64, 128, 256],
    hidden: 64,
    budget: { timesteps: 1_228_800, batchSize: 16, cropLength: 512, learningRate: 0.02, warmUpSteps: 10 },
  },
  reconstruction: { count: 2, seconds: 10 },
  generationSeconds: 20,
};
