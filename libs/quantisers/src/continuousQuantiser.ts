import { assertInteger, assertShape, Module } from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';

import type { Quantised, Quantiser } from './quantiser';

/** No bottleneck, an ablation that section 3 of the paper suggests. */
export interface ContinuousQuantiserConfig {
  readonly kind: 'continuous';
  /** Channels of the queries. */
  readonly depth: number;
}

/**
 * Quantises nothing: q' = q, real numbers whose information only the encoder and the decoder limit. Such autoencoders "may
 * not learn to use the autoregressive connections properly, because it is easier to pass information through the encoder
 * instead" (section 3).
 *
 * The only code, 0, carries no information, so a sequence of codes can be neither modelled nor decoded.
 */
export class ContinuousQuantiser extends Module implements Quantiser {
  readonly isDiscrete = false;
  readonly symbols = 1;
  readonly queryDepth: number;
  readonly depth: number;

  /** @throws RangeError with the value and the rule it breaks */
  constructor(readonly config: ContinuousQuantiserConfig) {
    super();
    const { depth } = config;
    assertInteger(depth, 1, 'depth');
    this.queryDepth = depth;
    this.depth = depth;
  }

  /**
   * @param query `[batch, time, depth]`
   * @returns q' = q; codes of zeros; no losses, metrics or statistics
   */
  quantise(query: tf.Tensor3D): Quantised {
    assertShape(query, ['batch', 'time', this.depth], 'query');
    const [batch, time] = query.shape;
    const codes = tf.zeros<tf.Rank.R2>([batch, time], 'int32');
    return { quantised: tf.clone(query), codes, losses: {}, metrics: {}, statistics: {} };
  }

  /** Always throws. @throws RangeError */
  lookup(): never {
    throw new RangeError(
      "a 'continuous' quantiser has no codes to look up: use its quantised queries instead",
    );
  }

  update(): void {
    // This quantiser learns nothing.
  }

  initialise(): void {
    // This quantiser has no codebook.
  }
}
