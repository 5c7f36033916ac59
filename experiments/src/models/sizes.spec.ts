import { DiscreteAutoencoder } from '@fermata/autoencoder';
import { randomKey } from '@fermata/core';
import { describeQuantiser, type QuantiserConfig } from '@fermata/quantisers';
import { selectBackend } from '@fermata/tensor';
import { repeatDilations } from '@fermata/wavenet';

import { describeRow, modelOf, rowNamed, rowsOfTable } from '../rows';
import { scaleNamed } from '../scales';
import { minimal } from '../testing/minimal';
import { createModel, describeModel, type ModelConfig } from '.';

const key = randomKey('sizes');
beforeAll(() => selectBackend('wasm'));

const rows = [...rowsOfTable('1'), ...rowsOfTable('2')];
const scales = [minimal, scaleNamed('tiny'), scaleNamed('small')];

it.each(scales)('counts the parameters of every row at scale $name', (scale) => {
  const counts = rows.map((row) => {
    const model = createModel(modelOf(row, scale), key);
    const counted = [row.id, model.parameterCount];
    model.dispose();
    return counted;
  });
  expect(rows.map((row) => [row.id, describeRow(row, scale).parameters])).toEqual(counts);
});

const quantisers: QuantiserConfig[] = [
  { kind: 'vq', codebookSize: 8, depth: 3, beta: 0.25, codebook: 'gradient' },
  { kind: 'argmax', codebookSize: 8, simplex: 'softmax', diversity: { kind: 'negative-entropy', nu: 1 } },
  { kind: 'fsq', levels: [3, 5] },
  { kind: 'continuous', depth: 3 },
];

it.each(quantisers)('counts the parameters with a quantiser $kind', (quantiser) => {
  const { config } = modelOf(rowNamed('1.2'), minimal) as Extract<ModelConfig, { kind: 'autoencoder' }>;
  const model = new DiscreteAutoencoder({ ...config, quantiser }, key);
  const { queryDepth, depth, codebookSize, parameterCount: parameters } = model.quantiser;
  expect(describeQuantiser(quantiser)).toMatchObject({
    queryDepth,
    depth,
    codebookSize,
    cost: { parameters },
  });
  expect(describeModel({ kind: 'autoencoder', config: model.config }).parameters).toBe(model.parameterCount);
  model.dispose();
});

describe('FLOPs', () => {
  const net = (layers: number, channels: number): ModelConfig => ({
    kind: 'wavenet',
    config: {
      symbols: 256,
      input: 'one-hot',
      dilations: repeatDilations(layers / 10, 10),
      width: 2,
      channels,
      gate: channels,
      skip: channels,
      head: channels,
    },
  });

  it('are those of the benchmarks', () => {
    const { forward, total } = describeModel(net(10, 64)).flopsPerTimestep;
    expect([forward, total]).toEqual([1_597_440 / 3, 1_597_440]);
  });

  // Counted by hand, for 16 timesteps: multiply-adds with a gradient, and those of the search for codes.
  const byHand: Record<string, [number, number]> = {
    // Three layers [2·4 → 8, 4 → 4, 4 → 8], head [8 → 8 → 256].
    1.1: [16 * (3 * (64 + 16 + 32) + 64 + 2048), 0],
    1.2: [
      // Encoder: two layers [3·4 → 8, 4 → 4, 4 → 8] and [8 → 8] at each timestep, [8 → 4] at each code.
      16 * (2 * (96 + 16 + 32) + 64) +
        2 * 32 +
        // Modulator: [4 → 4], one such layer.
        2 * (16 + 144) +
        // Local model: as #1.1, and conditioning [8 → 8] into each layer.
        16 * (3 * 112 + 64 + 2048) +
        2 * (3 * 64),
      2 * 256 * 4,
    ],
    '1.2-early-downsampling': [
      // Stride [8·4 → 4], five layers, [8 → 8], [8 → 4].
      2 * (128 + 5 * 144 + 64 + 32) + 2 * (16 + 144) + 16 * (3 * 112 + 64 + 2048) + 2 * (3 * 64),
      2 * 256 * 4,
    ],
    // Queries and their quantised form have 256 channels, and there is no search.
    1.4: [
      16 * (2 * (96 + 16 + 32) + 64) +
        2 * (8 * 256) +
        2 * (256 * 4 + 144) +
        16 * (3 * 112 + 64 + 2048) +
        2 * (3 * 64),
      0,
    ],
  };

  it.each(Object.entries(byHand))('of #%s are those counted by hand', (id, [multiplyAdds, searched]) => {
    const { forward, total } = describeRow(rowNamed(id), minimal).flopsPerTimestep;
    expect(16 * forward).toBeCloseTo(2 * (multiplyAdds + searched), 6);
    expect(16 * total).toBeCloseTo(2 * (3 * multiplyAdds + searched), 6);
  });
});
