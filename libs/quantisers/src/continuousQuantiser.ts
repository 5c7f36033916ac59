import { parseSettings } from '@fermata/core';
import { free } from '@fermata/models';
import { assertShape, Module } from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';

import type { Quantised, Quantiser, QuantiserKind } from './quantiser';

/** No bottleneck, as an ablation (remark in section 3). */
export const continuousQuantiserSettings = z.strictObject({
  kind: z.literal('continuous').describe('kind of the bottleneck'),
  depth: z.int().min(1).describe('channels of the queries'),
});
export type ContinuousQuantiserConfig = Readonly<z.output<typeof continuousQuantiserSettings>>;

/**
 * Quantises nothing: q' = q, real numbers whose information only the encoder and the decoder limit. Such autoencoders "may
 * not learn to use the autoregressive connections properly, because it is easier to pass information through the encoder
 * instead" (section 3).
 *
 * The only code, 0, carries no information, so a sequence of codes can be neither modelled nor decoded.
 */
export class ContinuousQuantiser extends Module implements Quantiser {
  readonly codebookSize = null;
  readonly queryDepth: number;
  readonly depth: number;

  /** @throws UserError that names the setting, the value and the rule it breaks */
  constructor(settings: ContinuousQuantiserConfig) {
    super();
    const { depth } = parseSettings(continuousQuantiserSettings, settings, 'quantiser');
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

/** The description of a bottleneck that quantises nothing. */
export const continuousQuantiserKind: QuantiserKind<ContinuousQuantiserConfig> = {
  create: (config) => new ContinuousQuantiser(config),
  describe: ({ depth }) => ({ codebookSize: null, queryDepth: depth, depth, cost: free }),
};
