import type { Scale } from '../scales';

const channels = { channels: 4, gate: 4, skip: 8 } as const;
const waveNet = { dilations: [1, 2, 4], width: 2, ...channels, head: 8 } as const;

/** The whole paper in seconds, without learning anything. */
export const minimal: Scale = {
  name: 'minimal',
  purpose: 'A test.',
  rows: ['1.1', '1.2', '1.4', '2.1'],
  trainMinutes: 1,
  heldOutMinutes: 0.02,
  scoredMinutes: 0.02,
  corpusMinutes: 1,
  unconditional: waveNet,
  encoder: { dilations: [1, 2], ...channels },
  modulator: { dilations: [1], ...channels },
  localModel: waveNet,
  queryDepth: 4,
  audioBudget: { timesteps: 8192, batchSize: 2, cropLength: 256, learningRate: 0.01, warmUpSteps: 2 },
  codesBudget: { timesteps: 1024, batchSize: 2, cropLength: 64, learningRate: 0.01, warmUpSteps: 2 },
  profile: {
    receptiveFields: [0, 2],
    hidden: 4,
    budget: { timesteps: 1024, batchSize: 2, cropLength: 64, learningRate: 0.02, warmUpSteps: 2 },
  },
  reconstruction: { count: 2, seconds: 0.1 },
  generationSeconds: 0.1,
};
