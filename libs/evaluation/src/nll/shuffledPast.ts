import { fold, RandomStream, randomKey } from '@fermata/core';
import type { SequenceModel } from '@fermata/models';
import * as tf from '@tensorflow/tfjs';

/**
 * Wraps a model so that it scores symbols with the previous symbols in random order. Its NLL, beside the real one,
 * shows how much its autoregressive path matters. If the codes contain everything, as those of a continuous bottleneck
 * may (section 3), the order makes no difference. The codes stay those of the real symbols.
 *
 * The order is drawn once for each length of windows.
 */
export function withShuffledPast(model: SequenceModel): SequenceModel {
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
