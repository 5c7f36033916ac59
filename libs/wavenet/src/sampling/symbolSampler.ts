import type { RandomKey } from '@fermata/core';
import type { WeightFormat } from '@fermata/kernels';

import type { DrawSettings } from './drawSymbol';

/** Settings of a sampler. */
export interface SamplerSettings extends DrawSettings {
  /** Randomness: one key for each stream. */
  readonly keys: readonly RandomKey[];
  /** Symbols per timestep of the conditioning; 1 without conditioning. */
  readonly hop: number;
  readonly weights: WeightFormat;
}

/** The next steps of a sampler in every stream. */
export interface SamplerSteps {
  /** Position of the first step, counted from the first symbol of the prefix. */
  readonly position: number;
  readonly steps: number;
  /** Number of first steps with given symbols; the symbols of the others are drawn. */
  readonly given: number;
  /** `[streams, steps]`: the given symbols; the drawn ones are written after them. */
  readonly symbols: Int32Array;
  /** `[streams]`: the symbols before the first step, −1 for none; afterwards the last ones. */
  readonly previous: Int32Array;
  /** Conditioning of all timesteps of the steps; absent for an unconditioned model. */
  readonly conditioning?: ConditioningBlock | undefined;
  /** `[streams, steps, symbols]`: room for the logits, if requested. */
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
 * Draws symbols from a WaveNet, step by step in independent streams. The draw at a position is at `new
 * RandomStream(fold(key, position)).uniform()` of the distribution function.
 */
export interface SymbolSampler {
  /**
   * Takes steps, without giving way to the event loop.
   *
   * @throws RangeError if a symbol must be drawn from logits that are not finite; the sampler is unusable afterwards
   */
  take(steps: SamplerSteps): void;
  /** Frees the memory; the sampler is unusable afterwards. */
  release(): void;
}
