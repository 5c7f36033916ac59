import { randomKey } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';
import { WaveNet } from '@fermata/wavenet';

import { flopsPerTimestep } from './flops';
import { dilationsOf, networkConfig } from './network';

beforeAll(() => selectBackend('cpu'));

it('the FLOPs of the net with 10 layers of 64 channels are those of its matrix products, written out', () => {
  const convolution = 2 * 64 * 128;
  const projections = 64 * 64 + 64 * 64;
  const head = 64 * 64 + 64 * 256;
  expect(flopsPerTimestep({ channels: 64, layers: 10, head: 64 })).toEqual({
    forward: 2 * (10 * (convolution + projections) + head),
    backward: 4 * (10 * (convolution + projections) + head),
    total: 1_597_440,
  });
});

it.each([
  { channels: 3, layers: 1, head: 3 },
  { channels: 8, layers: 12, head: 256 },
])('every element of a kernel is one multiply-add a timestep: %p', (size) => {
  const model = new WaveNet(networkConfig(size), randomKey(1));
  let elements = size.channels ** 2; // excludes the residual projection of the last layer, which the model omits
  for (const [path, weight] of model.weights()) {
    if (weight.rank > 1 && path !== 'input/table') elements += weight.size;
  }
  model.dispose();
  expect(flopsPerTimestep(size).forward).toBe(2 * elements);
});

it('dilations double up to 512 and begin again', () => {
  expect(dilationsOf(3)).toEqual([1, 2, 4]);
  expect(dilationsOf(12)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1, 2]);
});
