import { fold, randomKey, RandomStream } from '@fermata/core';
import type { StoredTensor } from '@fermata/training';
import { WaveNet } from '@fermata/wavenet';

import { networkConfig } from '../network';
import type { SampleTask, TrainTask } from '../protocol';

const seed = randomKey('bench');

/** Net of a task, with the same weights in every process. */
export function networkOf({ channels, dilations, head }: TrainTask | SampleTask): WaveNet {
  return new WaveNet(networkConfig({ channels, layers: dilations.length, head }), fold(seed, 'weights'));
}

/** Random symbols, `[count]`. */
export function randomSymbols(count: number): Int32Array {
  const stream = new RandomStream(fold(seed, 'symbols'));
  return Int32Array.from({ length: count }, () => stream.integer(256));
}

/** Current weights of a net, by path. */
export async function storedWeights(model: WaveNet): Promise<Map<string, StoredTensor>> {
  const stored = new Map<string, StoredTensor>();
  for (const [path, weight] of model.weights()) {
    stored.set(path, { shape: weight.shape, values: Float32Array.from(await weight.data<'float32'>()) });
  }
  return stored;
}
