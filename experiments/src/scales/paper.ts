import { repeatDilations } from '@fermata/wavenet';

import type { Scale } from './scale';

// The widths and the budget of a public WaveNet recipe with the same receptive field: 128 residual channels, 256 gate
// channels before the gate (128 after it), 128 skip channels, Adam at 1e-3, batches of 8 crops of 10,240, 500,000
// steps. The recipe halves its learning rate every 200,000 steps; every scale here uses half a cosine instead.
const channels = { channels: 128, gate: 128, skip: 128 } as const;
const crops = { batchSize: 8, cropLength: 10_240, learningRate: 1e-3, warmUpSteps: 1000 } as const;

/**
 * The paper's main text gives 413 hours of music, hops, codes, the encoder's width, and a receptive field of 6,144
 * timesteps for the WaveNets. Layers of width 3 with dilations 1 … 512 three times see 6,139; 60 layers of width 2 see
 * as many. This project's choices are the 30 layers, all widths, the local model of the autoencoders (equally large),
 * the modulator, the depth of the queries, and the budgets.
 */
export const paper: Scale = {
  name: 'paper',
  purpose:
    "The paper's receptive fields and amount of music; its main text gives no widths and budgets, so these are from a " +
    'public WaveNet recipe.',
  trainMinutes: 413 * 60,
  heldOutMinutes: 600,
  scoredMinutes: 60,
  corpusMinutes: 6000,
  unconditional: { dilations: repeatDilations(3, 10), width: 3, ...channels, head: 256 },
  encoder: { dilations: repeatDilations(1, 8), ...channels },
  modulator: { dilations: repeatDilations(1, 6), ...channels },
  localModel: { dilations: repeatDilations(3, 10), width: 3, ...channels, head: 256 },
  queryDepth: 64,
  audioBudget: { timesteps: 40_960_000_000, ...crops },
  codesBudget: { timesteps: 8_192_000_000, ...crops },
  profile: {
    receptiveFields: [0, 1, 2, 4, 8, 16, 32, 64, 128, 256],
    hidden: 256,
    budget: { timesteps: 1_000_000_000, batchSize: 16, cropLength: 512, learningRate: 0.02, warmUpSteps: 10 },
  },
  reconstruction: { count: 8, seconds: 10 },
  generationSeconds: 60,
};
