import { stepMemory } from '@fermata/models';

import { describeRow, rowNamed } from '../rows';
import { minimal } from '../testing/minimal';
import { describeModel } from '.';

// Bytes counted by hand, for 2 × 256 timesteps. Stacks pad 4 channels to 16.
const timesteps = 2 * 256;

it('of a WaveNet are those of its weights, of the values that its stack saves, and of the values between operations', () => {
  const parameters = 8 + 3 * (72 + 40) + 2 * 20 + (72 + 8 * 256 + 256);
  const facts = describeRow(rowNamed('1.1'), minimal);
  expect(stepMemory(facts, minimal.audioBudget)).toEqual({
    weights: 4 * 5 * parameters,
    // Three layers of the gate's factors, 32, and two residual outputs of 16.
    saved: 4 * timesteps * (3 * 32 + 2 * 16),
    // The symbols; values and gradients of 4 channels, of 8 of the skips, and of the NLL.
    activations: 4 * timesteps * (1 + 2 * (4 + 8 + 1)),
    total: expect.any(Number) as number,
    largestArray: timesteps * (3 * 32 + 2 * 16),
  });
});

it('of an autoencoder include those of its encoder, and of its modulator at the rate of the codes', () => {
  const { saved, activations, weights, total } = stepMemory(
    describeRow(rowNamed('1.2'), minimal),
    minimal.audioBudget,
  );
  // Two layers of the encoder; one of the modulator, 8 times less often, whose unused residual output does not count.
  expect(saved).toBe(4 * timesteps * (2 * 32 + 16 + 32 / 8 + (3 * 32 + 2 * 16)));
  const encoder = 4 + 4 * 8 + (8 + 4 + 2 * 4) / 8;
  const modulator = (4 + 8) / 8;
  expect(activations).toBe(4 * timesteps * (1 + 2 * (encoder + modulator + 13)));
  expect(total).toBe(weights + saved + activations);
});

it('grow by 768 bytes per timestep with each layer of 64 channels', () => {
  const [ten, eleven] = [10, 11].map((layers) =>
    stepMemory(
      describeModel({
        kind: 'wavenet',
        config: {
          symbols: 256,
          input: 'one-hot',
          dilations: Array<number>(layers).fill(1),
          width: 2,
          channels: 64,
          gate: 64,
          skip: 64,
          head: 64,
        },
      }),
      { batchSize: 1, cropLength: 1 },
    ),
  );
  expect(eleven.saved - ten.saved).toBe(768);
});
