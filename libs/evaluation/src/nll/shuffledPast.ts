import { fold, RandomStream, randomKey } from '@fermata/core';
import * as tf from '@tensorflow/tfjs';

import type { SequenceModel } from '../sequenceModel';

/** A model that can be given another past than that of the symbols it scores. */
export interface PastModel extends Omit<SequenceModel, 'nll'> {
  nll(symbols: tf.Tensor2D, options: { readonly past: tf.Tensor2D }): tf.Tensor2D;
}

/**
 * A model as it scores symbols while it sees the symbols before them in random order: its NLL, beside the real one, tells
 * how much its autoregressive path matters. Where the codes tell everything, as those of a continuous bottleneck may
 * (section 3), the order makes no difference. Codes stay those of the real symbols.
 *
 * The order is drawn for windows of each length, the same for all of them.
 */
export function withShuffledPast(model: PastModel): SequenceModel {
  return {
    hop: model.hop,
    context: model.context,
    nll: (symbols) =>
      tf.tidy(() => {
        const time = symbols.shape[1];
        const stream = new RandomStream(fold(randomKey('shuffled past'), time));
        const order = stream.shuffle(Array.from({ length: time }, (_, t) => t));
        return model.nll(symbols, { past: tf.gather(symbols, tf.tensor1d(order, 'int32'), 1) });
      }),
  };
}
