import type { RandomKey } from '@fermata/core';
import type { WeightFormat } from '@fermata/kernels';

import type { DrawSettings } from './drawSymbol';

/** What a sampler is made for. */
export interface SamplerSettings extends DrawSettings {
  /** The randomness of each stream; as many streams are sampled as there are keys. */
  readonly keys: readonly RandomKey[];
  /** Symbols per timestep of the conditioning; 1 where there is none. */
  readonly hop: number;
  readonly weights: WeightFormat;
}

/** The steps that a sampler is to take in every stream. */
export interface SamplerSteps {
  /** Of the first step, counted from the first symbol of the prefix. */
  readonly position: number;
  readonly steps: number;
  /** Of the steps, the first ones whose symbols are given; those of the others are drawn. */
  readonly given: number;
  /** `[streams, steps]`: the given ones, behind which the drawn ones are written. */
  readonly symbols: Int32Array;
  /** `[streams]`: the symbols before the first step, −1 for nothing; afterwards the last ones. */
  readonly previous: Int32Array;
  /** Of all timesteps of the steps; missing where the model is not conditioned. */
  readonly conditioning?: ConditioningBlock | undefined;
  /** `[streams, steps, symbols]`: room for the logits, where somebody asks. */
  readonly logits?: Float32Array;
}

/** The conditioning of the codes first … first + count − 1. */
export interface ConditioningBlock {
  readonly first: number;
  readonly count: number;
  /** `[streams, count, conditioning]` */
  readonly values: Float32Array;
}

/**
 * Draws symbols from a WaveNet, step after step in streams that do not depend on each other. The draw at a position is
 * at `new RandomStream(fold(key, position)).uniform()` of the distribution function.
 */
export interface SymbolSampler {
  /**
   * Takes steps, without giving way to the event loop.
   *
   * @throws RangeError where a symbol is to be drawn from logits that are not finite; the sampler is of no more use then
   */
  take(steps: SamplerSteps): void;
  /** Gives the memory back; the sampler is of no more use. */
  release(): void;
}
