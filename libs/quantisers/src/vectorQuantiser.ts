import { fold, Hyperparameter, parseSettings, type RandomKey } from '@fermata/core';
import {
  assertShape,
  assignmentSums,
  embeddingLookup,
  Module,
  nearestCentroid,
  normalTensor,
  straightThrough,
} from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';

import { CodebookAverages, randomQueries } from './codebookAverages';
import { codeUse } from './codeUse';
import { CodeWindow } from './codeWindow';
import type { Quantised, Quantiser, QuantiserKind } from './quantiser';
import { squaredError } from './squaredError';
import { withoutGradient } from './withoutGradient';

const shared = {
  kind: z.literal('vq').describe('kind of the bottleneck'),
  codebookSize: z.int().min(2).max(65_536).describe('k, the number of vectors in the codebook'),
  depth: z.int().min(1).describe("channels of the queries and of the codebook's vectors"),
  beta: z
    .number()
    .min(0)
    .describe('β, weight of the commitment loss, a sum over the depth and a mean over batch and time'),
};
const codebook = 'method that moves the codebook: moving averages, or the gradient of the codebook loss';

/** A codebook that follows the queries by exponentially smoothed K-means, as the paper's do. */
export const emaVectorQuantiserSettings = z.strictObject({
  ...shared,
  codebook: z.literal('ema').describe(codebook).default('ema'),
  alpha: z
    .number()
    .min(0)
    .lt(1)
    .describe('α, share of the past in the moving averages: average ← α · average + (1 − α) · batch'),
  restartBelow: z.exactOptional(
    z
      .number()
      .gt(0)
      .describe(
        'queries of a batch below which a code restarts at a random query (Dhariwal et al., 2020); absent: never',
      ),
  ),
});

/** A codebook that the optimiser moves, by the codebook loss: a sum over the depth and a mean over batch and time. */
export const gradientVectorQuantiserSettings = z.strictObject({
  ...shared,
  codebook: z.literal('gradient').describe(codebook),
});

/** The bottleneck of a VQ-VAE (section 3.1). */
export const vectorQuantiserSettings = z.discriminatedUnion('codebook', [
  emaVectorQuantiserSettings,
  gradientVectorQuantiserSettings,
]);
export type EmaVectorQuantiserConfig = Readonly<z.input<typeof emaVectorQuantiserSettings>>;
export type GradientVectorQuantiserConfig = Readonly<z.input<typeof gradientVectorQuantiserSettings>>;
export type VectorQuantiserConfig = EmaVectorQuantiserConfig | GradientVectorQuantiserConfig;

/**
 * Vector quantisation (section 3.1): the code of a query is the nearest vector of the codebook.
 *
 *   y  = argminᵢ |q − cᵢ|²,  q' = c_y,  ∂q'/∂q = 1 (straight-through)
 *   loss = β · mean over batch and time of Σ over depth ([q'] − q)²     (equation 1, third term)
 *        + mean over batch and time of Σ over depth (q' − [q])²         (second term, if the codebook is learnt by gradient)
 *
 * For a codebook `'ema'`, moving averages minimise the second term instead: see `CodebookAverages`.
 */
export class VectorQuantiser extends Module implements Quantiser {
  readonly codebookSize: number;
  readonly queryDepth: number;
  readonly depth: number;
  /** cᵢ `[codebookSize, depth]`, a weight if learnt by gradient, otherwise part of the state. */
  readonly codebook: tf.Variable<tf.Rank.R2>;
  /** The averages that move the codebook, unless it is learnt by gradient. */
  readonly averages: CodebookAverages | undefined;
  private readonly window: CodeWindow;
  private readonly beta: Hyperparameter;
  private readonly restartBelow: Hyperparameter | undefined;

  /** @throws UserError that names the setting, the value and the rule it breaks */
  constructor(settings: VectorQuantiserConfig, key: RandomKey) {
    super();
    const config = parseSettings(vectorQuantiserSettings, settings, 'quantiser');
    const { codebookSize, depth, beta } = config;
    this.codebookSize = codebookSize;
    this.beta = this.hyperparameter('beta', new Hyperparameter(shared.beta, beta));
    this.queryDepth = depth;
    this.depth = depth;
    const vectors = normalTensor(fold(key, 'codebook'), [codebookSize, depth]) as tf.Tensor2D;
    if (config.codebook === 'gradient') {
      this.codebook = this.weight('codebook', vectors);
    } else {
      this.codebook = this.stateVariable('codebook', vectors);
      const { alpha, restartBelow } = emaVectorQuantiserSettings.shape;
      const share = this.hyperparameter('alpha', new Hyperparameter(alpha, config.alpha));
      this.averages = this.child('averages', new CodebookAverages(this.codebook, share));
      if (config.restartBelow !== undefined) {
        const threshold = new Hyperparameter(restartBelow.def.innerType, config.restartBelow);
        this.restartBelow = this.hyperparameter('restartBelow', threshold);
      }
    }
    this.window = this.child('window', new CodeWindow(codebookSize));
  }

  /**
   * @param query `[batch, time, depth]`
   * @returns the loss `commitment`, and `codebook` for a codebook learnt by gradient; the statistics `counts` `[codebookSize]`,
   * for an `'ema'` codebook also `sums` `[codebookSize, depth]`, and with restarts also `queries` `[batch · time, depth]`
   */
  quantise(query: tf.Tensor3D): Quantised {
    assertShape(query, ['batch', 'time', this.depth], 'query');
    const [batch, time, depth] = query.shape;
    return tf.tidy(() => {
      const queries = tf.reshape<tf.Rank.R2>(query, [batch * time, depth]);
      const nearest = withoutGradient(() => nearestCentroid(queries, this.codebook));
      const codes = tf.reshape<tf.Rank.R2>(nearest, [batch, time]);
      const quantised = this.lookup(codes);
      const error = squaredError(query, quantised);
      const { counts, sums } = assignmentSums(queries, nearest, this.codebookSize);
      const losses: Record<string, tf.Scalar> = {
        commitment: tf.mul<tf.Scalar>(this.beta.value, error),
      };
      const statistics: tf.NamedTensorMap = { counts };
      if (this.averages === undefined) losses.codebook = squaredError(quantised, query);
      else statistics.sums = sums;
      if (this.restartBelow !== undefined) statistics.queries = tf.clone(queries);
      return {
        quantised: straightThrough(query, quantised),
        codes,
        losses,
        metrics: { ...codeUse(counts), ...this.window.metrics(counts), quantisationError: error },
        statistics,
      };
    });
  }

  update({ counts, sums, queries }: tf.NamedTensorMap, key: RandomKey): void {
    this.window.update(counts as tf.Tensor1D);
    this.averages?.update(counts as tf.Tensor1D, sums as tf.Tensor2D);
    if (this.restartBelow !== undefined) {
      this.averages?.restart(this.restartBelow.value, queries as tf.Tensor2D, key);
    }
  }

  /** @returns `[batch, time, depth]` */
  lookup(codes: tf.Tensor2D): tf.Tensor3D {
    return embeddingLookup(codes, this.codebook);
  }

  /** Moves the vectors of the codebook to random queries, without repetition as long as there are enough. */
  initialise(query: tf.Tensor3D, key: RandomKey): void {
    assertShape(query, ['batch', 'time', this.depth], 'query');
    tf.tidy(() => {
      const queries = tf.reshape<tf.Rank.R2>(query, [-1, this.depth]);
      this.codebook.assign(randomQueries(queries, this.codebookSize, key));
    });
    this.averages?.reset();
  }
}

/** The description of vector quantisation. */
export const vectorQuantiserKind: QuantiserKind<VectorQuantiserConfig> = {
  create: (config, key) => new VectorQuantiser(config, key),
  describe: ({ codebookSize, depth, codebook }) => ({
    codebookSize,
    queryDepth: depth,
    depth,
    cost: {
      parameters: codebook === 'gradient' ? codebookSize * depth : 0,
      multiplyAdds: 0,
      searched: codebookSize * depth,
    },
  }),
};
