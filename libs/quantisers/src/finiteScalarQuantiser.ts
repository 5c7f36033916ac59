import { parseSettings } from '@fermata/core';
import { free } from '@fermata/models';
import { assertShape, embeddingLookup, Module, oneHot, straightThrough } from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';

import { codeUse } from './codeUse';
import { CodeWindow } from './codeWindow';
import type { Quantised, Quantiser, QuantiserKind } from './quantiser';
import { squaredError } from './squaredError';
import { withoutGradient } from './withoutGradient';

/** Finite scalar quantisation (Mentzer et al., 2023), which is not in the paper. */
export const finiteScalarQuantiserSettings = z.strictObject({
  kind: z.literal('fsq').describe('kind of the bottleneck'),
  levels: z
    .array(z.int().min(2))
    .min(1)
    .readonly()
    .describe('Lᵢ, values that each channel of the queries can take: [4, 4, 4, 4] makes 256 codes'),
});
export type FiniteScalarQuantiserConfig = Readonly<z.output<typeof finiteScalarQuantiserSettings>>;

// Keeps tanh away from its bounds, as in the authors' code.
const margin = 1e-3;

/**
 * Finite scalar quantisation (Mentzer et al., 2023, appendix A), which bounds each channel and rounds it to one of Lᵢ
 * levels. Each combination of levels is a code.
 *
 *   zᵢ  = hᵢ · tanh(qᵢ + tan(oᵢ / hᵢ)) − oᵢ,  hᵢ = (Lᵢ − 1)(1 − 0.001) / 2,  oᵢ = ½ for even Lᵢ, else 0
 *   q'ᵢ = round(zᵢ) / ⌊Lᵢ / 2⌋,  ∂q'ᵢ/∂zᵢ = 1 / ⌊Lᵢ / 2⌋ (straight-through)
 *   y   = Σᵢ (round(zᵢ) + ⌊Lᵢ / 2⌋) · L₁ ⋯ Lᵢ₋₁
 *
 * It has no codebook to learn and no loss. A code stays unused if queries never take its combination of levels.
 */
export class FiniteScalarQuantiser extends Module implements Quantiser {
  readonly codebookSize: number;
  readonly config: FiniteScalarQuantiserConfig;
  readonly queryDepth: number;
  readonly depth: number;
  private readonly window: CodeWindow;

  /** @throws UserError that names the setting, the value and the rule it breaks */
  constructor(settings: FiniteScalarQuantiserConfig) {
    super();
    this.config = parseSettings(finiteScalarQuantiserSettings, settings, 'quantiser');
    const { levels } = this.config;
    this.codebookSize = combinations(levels);
    this.queryDepth = levels.length;
    this.depth = levels.length;
    this.window = this.child('window', new CodeWindow(this.codebookSize));
  }

  /**
   * @param query `[batch, time, levels.length]`
   * @returns q' between −1 and 1; no losses; the statistics `counts` `[codebookSize]`
   */
  quantise(query: tf.Tensor3D): Quantised {
    assertShape(query, ['batch', 'time', this.queryDepth], 'query');
    return tf.tidy(() => {
      const widths = this.perChannel((level) => Math.floor(level / 2));
      const bounded = this.bound(query);
      const rounded = withoutGradient(() => tf.round(bounded));
      const codes = withoutGradient(() => {
        const places = this.perChannel((_, index) => this.placeValue(index));
        const digits = tf.add(rounded, widths);
        return tf.cast(tf.sum<tf.Tensor2D>(tf.mul(digits, places), 2), 'int32');
      });
      const scaled = tf.div<tf.Tensor3D>(bounded, widths);
      const quantised = tf.div<tf.Tensor3D>(rounded, widths);
      const counts = tf.sum<tf.Tensor1D>(oneHot(codes, this.codebookSize), [0, 1]);
      return {
        quantised: straightThrough(scaled, quantised),
        codes,
        losses: {},
        metrics: {
          ...codeUse(counts),
          ...this.window.metrics(counts),
          quantisationError: squaredError(scaled, quantised),
        },
        statistics: { counts },
      };
    });
  }

  /** @returns `[batch, time, levels.length]`, values between −1 and 1 */
  lookup(codes: tf.Tensor2D): tf.Tensor3D {
    return tf.tidy(() =>
      embeddingLookup(codes, tf.tensor2d(this.vectors(), [this.codebookSize, this.depth])),
    );
  }

  update({ counts }: tf.NamedTensorMap): void {
    this.window.update(counts as tf.Tensor1D);
  }

  initialise(): void {
    // This quantiser has no codebook.
  }

  // z, in units of levels
  private bound(query: tf.Tensor3D): tf.Tensor3D {
    const half = (level: number): number => ((level - 1) * (1 - margin)) / 2;
    const offset = (level: number): number => (level % 2 === 0 ? 0.5 : 0);
    const shifts = this.perChannel((level) => Math.tan(offset(level) / half(level)));
    const unit = tf.tanh(tf.add(query, shifts));
    return tf.sub(tf.mul(unit, this.perChannel(half)), this.perChannel(offset));
  }

  private perChannel(value: (level: number, index: number) => number): tf.Tensor1D {
    return tf.tensor1d(this.config.levels.map(value));
  }

  // The difference in the code for one level of a channel.
  private placeValue(channel: number): number {
    return this.config.levels.slice(0, channel).reduce((product, level) => product * level, 1);
  }

  // q' of every code `[codebookSize, levels.length]`
  private vectors(): Float32Array {
    const { levels } = this.config;
    return Float32Array.from({ length: this.codebookSize * levels.length }, (_, position) => {
      const channel = position % levels.length;
      const code = Math.floor(position / levels.length);
      const width = Math.floor(levels[channel] / 2);
      return ((Math.floor(code / this.placeValue(channel)) % levels[channel]) - width) / width;
    });
  }
}

function combinations(levels: readonly number[]): number {
  return levels.reduce((product, level) => product * level, 1);
}

/** The description of finite scalar quantisation. */
export const finiteScalarQuantiserKind: QuantiserKind<FiniteScalarQuantiserConfig> = {
  create: (config) => new FiniteScalarQuantiser(config),
  describe: ({ levels }) => ({
    codebookSize: combinations(levels),
    queryDepth: levels.length,
    depth: levels.length,
    cost: free,
  }),
};
