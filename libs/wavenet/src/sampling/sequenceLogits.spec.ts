import { normals, randomKey, split } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';

import { randomModel } from '../testing/sizes';
import type { WaveNet } from '../waveNet';
import { sample } from './sample';
import { formatDivergence, sequenceLogits } from './sequenceLogits';

/** Softmax in double precision: the divergence is a small difference of large numbers. */
function softmax(logits: Float32Array): number[] {
  const weights = Array.from(logits, Math.exp);
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
}

beforeAll(() => selectBackend('cpu'));

describe('formatDivergence', () => {
  const conditioning = { hop: 4, values: normals(randomKey('codes'), 3 * 5 * 3) };
  let model: WaveNet;
  let sequences: Int32Array[];

  beforeAll(async () => {
    model = randomModel({ conditioning: 3 });
    const { hop, values } = conditioning;
    const read = (): Float32Array => values;
    sequences = await sample(model, {
      keys: split(randomKey('streams'), 3),
      steps: 20,
      conditioning: { hop, read },
    });
  });

  it('is the mean KL divergence from the distributions of the exact weights', async () => {
    const exact = await sequenceLogits(model, sequences, { conditioning });
    const rounded = await sequenceLogits(model, sequences, { conditioning, weights: 'bf16' });
    let expected = 0;
    for (let start = 0; start < exact.length; start += 7) {
      const p = softmax(exact.subarray(start, start + 7));
      const q = softmax(rounded.subarray(start, start + 7));
      expected += p.reduce((sum, share, symbol) => sum + share * Math.log(share / q[symbol]), 0) / (3 * 20);
    }
    const divergence = await formatDivergence(model, sequences, { conditioning, weights: 'bf16' });
    expect(divergence / expected).toBeCloseTo(1, 3);
  });

  it('is 0 if the format rounds nothing', async () => {
    expect(await formatDivergence(model, sequences, { conditioning, weights: 'fp32' })).toBe(0);
  });
});
