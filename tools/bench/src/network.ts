import { repeatDilations, type WaveNetConfig } from '@fermata/wavenet';

/** Net of a benchmark: every width is `channels`, except that of the head's hidden layer. */
export interface NetworkSize {
  readonly channels: number;
  readonly layers: number;
  /** Units of the hidden layer between the skip connections and the logits. */
  readonly head: number;
}

const symbols = 256;

/** Dilations 1, 2, 4, … 512, repeated. */
export function dilationsOf(layers: number): number[] {
  return repeatDilations(Math.ceil(layers / 10), 10).slice(0, layers);
}

/** WaveNet with one-hot input and layers of width 2, on 256 symbols. */
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
