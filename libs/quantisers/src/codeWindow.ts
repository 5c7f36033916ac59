import { assertShape, Module } from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';

import { perplexity } from './codeUse';

/** How the codes of the last steps are used. */
export interface CodeWindowMetrics {
  /** The exponential of the entropy of the codes in the window. */
  readonly perplexity: tf.Scalar;
  /** The share of the codes that are not dead, 0 … 1. */
  readonly usage: tf.Scalar;
  /** How many codes no position of the window has. */
  readonly deadCodes: tf.Scalar;
}

// Excerpts differ in which codes they use, so that a few batches say little,
const fewestSteps = 16;
// and so do few positions: the perplexity of as many draws as these from k equal codes is within 2% of k.
const positionsForEachCode = 32;

/** s, the share of the window that a batch of so many positions takes, where there are k symbols. */
export function shareOfBatch(positions: number, symbols: number): number {
  return Math.min(1 / fewestSteps, positions / (positionsForEachCode * symbols));
}

/**
 * A histogram of the codes of recent steps, of which older ones count exponentially less:
 *
 *   H ← (1 − s) · H + n,  s = min(1 / 16, positions of the batch / 32k)
 *
 * so that the window of 1 / s steps is as short as may be for its perplexity to be more than noise: whatever the batch, a
 * perplexity that falls can be seen before it is low. The histogram is saved with the model, for what is logged of it must
 * not depend on whether a run was interrupted.
 */
export class CodeWindow extends Module {
  /** H `[symbols]` */
  readonly histogram: tf.Variable<tf.Rank.R1>;

  /** @param symbols k, the number of codes */
  constructor(private readonly symbols: number) {
    super();
    this.histogram = this.stateVariable('histogram', tf.zeros<tf.Rank.R1>([symbols]));
  }

  /** How the codes are used in the window that ends with a batch of these counts `[symbols]`; nothing is moved. */
  metrics(counts: tf.Tensor1D): CodeWindowMetrics {
    return tf.tidy(() => {
      const histogram = this.including(counts);
      // A position that is as old as the window counts 1 / e.
      const dead = tf.sum(tf.cast(tf.less(histogram, 1 / Math.E), 'float32'));
      return {
        perplexity: perplexity(histogram),
        usage: tf.sub<tf.Scalar>(1, tf.div(dead, this.symbols)),
        deadCodes: dead as tf.Scalar,
      };
    });
  }

  /** Takes in the counts `[symbols]` of a batch. */
  update(counts: tf.Tensor1D): void {
    assertShape(counts, [this.symbols], 'statistics.counts');
    tf.tidy(() => {
      this.histogram.assign(this.including(counts));
    });
  }

  private including(counts: tf.Tensor1D): tf.Tensor1D {
    const filled = tf.div(tf.sum(counts), positionsForEachCode * this.symbols);
    const kept = tf.sub(1, tf.minimum(filled, 1 / fewestSteps));
    return tf.add(tf.mul(this.histogram, kept), counts);
  }
}
