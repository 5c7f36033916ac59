import { randomKey, RandomStream } from '@fermata/core';

import type { AutoencoderConfig } from '../settings';

/** A minimal autoencoder. */
export function config(symbols: number, hop: number, codebookSize: number): AutoencoderConfig {
  return {
    symbols,
    hop,
    encoder: { input: 'one-hot', dilations: [1, 2, 4], channels: 4, gate: 4, skip: 8 },
    quantiser: { kind: 'vq', codebookSize, depth: 4, alpha: 0.9, beta: 0.25 },
    modulator: { dilations: [1, 2], channels: 4, gate: 4, skip: 8 },
    decoder: { input: 'continuous', dilations: [1, 2], width: 2, channels: 4, gate: 4, skip: 8, head: 8 },
  };
}

/** Random symbols, `[time]`. */
export function noise(length: number, symbols: number): Int32Array {
  const stream = new RandomStream(randomKey('levels'));
  return Int32Array.from({ length }, () => stream.integer(symbols));
}
