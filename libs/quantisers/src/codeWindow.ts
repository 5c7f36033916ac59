import { assertShape, Module } from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';

import { perplexity } from './codeUse';

/** The use of the codes in the last steps. */
export interface CodeWindowMetrics {
  /** The exponential of the entropy of the codes in the window, between 1 and k. */
  readonly perplexity: tf.Scalar;
  /** The share of codes that are not dead, 0 … 1. */
  readonly usage: tf.Scalar;
  /** The number of codes that do not occur in the window. */
  readonly deadCodes: tf.Scalar;
}

// A few batches say little, since excerpts differ in the codes they use.
const fewestSteps = 16;
// A few positions say little too. The perplexity of this many draws from k equal codes is within 2% of k.
const positionsForEachCode = 32;

/** The share s of the window that one batch takes, from its number of positions and the codebook's size. */
export function shareOfBatch(positions: number, codebookSize: number): number {
  return Math.min(1 / fewestSteps, positions / (positionsForEachCode * codebookSize));
}

/**
 * A histogram H of the codes of recent steps, in which older steps count exponentially less:
 *
 *   H ← (1 − s) · H + n,  s = min(1 / 16, positions of the batch / 32k)
 *
 * The window of 1 / s steps is just long enough to keep noise out of the perplexity, for any size of batch. The histogram
 * is saved with the model, so that its logged metrics do not depend on interruptions of a run.
 */
export class CodeWindow extends Module {
  /** H `[codebookSize]` */
  readonly histogram: tf.Variable<tf.Rank.R1>;

  /** @param codebookSize size k of the codebook */
  constructor(private readonly codebookSize: number) {
    super();
    this.histogram = this.stateVariable('histogram', tf.zeros<tf.Rank.R1>([codebookSize]));
  }

  /** Measures the window that would end with a batch of these counts `[codebookSize]`, without changing the histogram. */
  metrics(counts: tf.Tensor1D): CodeWindowMetrics {
    return tf.tidy(() => {
      const histogram = this.including(counts);
      // A position as old as the window counts 1 / e.
      const dead = tf.sum(tf.cast(tf.less(histogram, 1 / Math.E), 'float32'));
      return {
        perplexity: perplexity(histogram),
        usage: tf.sub<tf.Scalar>(1, tf.div(dead, this.codebookSize)),
        deadCodes: dead as tf.Scalar,
      };
    });
  }

  /** Adds the counts `[codebookSize]` of a batch. */
  update(counts: tf.Tensor1D): void {
    assertShape(counts, [this.codebookSize], 'statistics.counts');
    tf.tidy(() => {
      this.histogram.assign(this.including(counts));
    });
  }

  private including(counts: tf.Tensor1D): tf.Tensor1D {
    const filled = tf.div(tf.sum(counts), positionsForEachCode * this.codebookSize);
    const kept = tf.sub(1, tf.minimum(filled, 1 / fewestSteps));
    return tf.add(tf.mul(this.histogram, kept), counts);
  }
}
