import { assertInteger, assertShape, Module } from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';

import type { Quantised, Quantiser } from './quantiser';

/** No bottleneck: what the paper's section 3 remarks on, as an ablation. */
export interface ContinuousQuantiserConfig {
  readonly kind: 'continuous';
  /** Channels of the queries. */
  readonly depth: number;
}

/**
 * Quantises nothing: q' = q, real numbers whose information nothing limits but the encoder and the decoder. Autoencoders
 * such as these "may not learn to use the autoregressive connections properly, because it is easier to pass information
 * through the encoder instead" (section 3).
 *
 * There is one code, 0, which says nothing: a sequence of codes can be neither modelled nor decoded.
 */
export class ContinuousQuantiser extends Module implements Quantiser {
  readonly isDiscrete = false;
  readonly symbols = 1;
  readonly queryDepth: number;
  readonly depth: number;

  /** @throws RangeError that prints the value and the rule it breaks */
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

  /** @throws RangeError always */
  lookup(): never {
    throw new RangeError(
      "codes of a quantiser 'continuous' stand for nothing: pass on the quantised queries themselves",
    );
  }

  update(): void {
    // Everything here is learnt by gradient.
  }

  initialise(): void {
    // There is no codebook.
  }
}
