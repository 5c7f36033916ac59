import { repeatDilations, type WaveNetConfig } from '@fermata/wavenet';

/** The net of a benchmark: every width is `channels`, but for the hidden layer of its head. */
export interface NetworkSize {
  readonly channels: number;
  readonly layers: number;
  /** Units of the hidden layer between the skip connections and the logits. */
  readonly head: number;
}

const symbols = 256;

/** Dilations 1, 2, 4, … 512, again and again. */
export function dilationsOf(layers: number): number[] {
  return repeatDilations(Math.ceil(layers / 10), 10).slice(0, layers);
}

/** A WaveNet with one-hot input and layers of width 2, on 256 symbols. */
export function networkConfig({ channels, layers, head }: NetworkSize): WaveNetConfig {
  return {
    symbols,
    input: 'one-hot',
    dilations: dilationsOf(layers),
    width: 2,
    channels,
    gate: channels,
    skip: channels,
    head,
  };
}

/**
 * Floating point operations of one timestep: 2 per multiply-add of a matrix product, and backward twice as many as
 * forward (the gradients of both factors). Lookups, activations, the optimiser and whatever is computed twice are not
 * counted. Each layer counts a convolution of width 2 from C to 2C and two projections from C to C, so also the residual
 * projection of the last one, which no output depends on and nobody computes: it is a part of the net as the literature
 * draws it, and less than 1/(6·layers) of the whole.
 */
export function flopsPerTimestep({ channels, layers, head }: NetworkSize): {
  forward: number;
  backward: number;
  total: number;
} {
  const layer = 2 * channels * 2 * channels + 2 * channels * channels;
  const forward = 2 * (layers * layer + channels * head + head * symbols);
  return { forward, backward: 2 * forward, total: 3 * forward };
}
