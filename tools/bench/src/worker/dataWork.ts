import { openDataset, randomExcerpts } from '@fermata/data';
import { fold, randomKey } from '@fermata/core';
import * as tf from '@tensorflow/tfjs';

import type { DataTask } from '../protocol';
import { timed, type Work } from './work';

/** Batches of random excerpts, from a dataset's files to a tensor. */
export function dataWork({ folder, batch, length }: DataTask): Work {
  const dataset = openDataset(folder);
  const key = fold(randomKey('bench'), 'excerpts');
  let drawn = 0;
  const draw = async (): Promise<void> => {
    const excerpts = randomExcerpts(dataset, {
      split: 'train',
      length,
      count: batch,
      key: fold(key, drawn++),
    });
    const tensor = tf.tensor2d(excerpts, [batch, length], 'int32');
    await tensor.data(); // reading it proves that it is on the device
    tensor.dispose();
  };
  return { check: [], tensors: new Map(), run: () => timed(draw) };
}
