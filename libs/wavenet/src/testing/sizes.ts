import { randomKey } from '@fermata/core';
import { randomiseWeights } from '@fermata/testing';

import { WaveNet } from '../waveNet';
import type { WaveNetConfig } from '../settings';

/** A minimal WaveNet. */
const config: WaveNetConfig = {
  symbols: 7,
  input: 'one-hot',
  dilations: [1, 2, 4],
  width: 2,
  channels: 4,
  gate: 4,
  skip: 4,
  head: 8,
};

/** Makes such a WaveNet with random weights and biases, including those that begin at zero. */
export function randomModel(change: Partial<WaveNetConfig> = {}): WaveNet {
  const model = new WaveNet({ ...config, ...change }, randomKey('model'));
  randomiseWeights(model, randomKey('weights'));
  return model;
}
