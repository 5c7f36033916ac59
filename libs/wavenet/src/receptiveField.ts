import { assertInteger, tapOffsets, type Padding } from '@fermata/tensor';

/** Receptive field of one output of a network, in timesteps relative to the output's own. Exact. */
export interface ReceptiveField {
  /** Timesteps before the present one. */
  readonly past: number;
  /** Timesteps after the present one: 0 in a causal network. */
  readonly future: number;
  /** Size of the receptive field: past + 1 + future. */
  readonly total: number;
}

/** The settings of dilated convolutions that determine their receptive field. */
export interface Dilations {
  /** Timesteps between neighbouring taps, layer by layer. */
  readonly dilations: readonly number[];
  /** Taps of each kernel. */
  readonly width: number;
  readonly padding: Padding;
}

/**
 * Computes the receptive field of stacked dilated convolutions. Each adds (width − 1) · dilation timesteps, all in the
 * past if causal, half on either side if centred.
 *
 * @throws RangeError for a width or dilation that is not a positive integer, and for a centred stack of even width
 */
export function receptiveField({ dilations, width, padding }: Dilations): ReceptiveField {
  let past = 0;
  let future = 0;
  for (const dilation of dilations) {
    const taps = tapOffsets(width, { dilation, padding });
    past -= taps[0];
    future += taps[taps.length - 1];
  }
  return { past, future, total: past + 1 + future };
}

/**
 * Repeats WaveNet's dilations 1, 2, 4, …, doubled layer by layer: `repeatDilations(3, 10)` is 1 … 512 three times.
 *
 * @throws RangeError unless both are positive integers
 */
export function repeatDilations(cycles: number, layersPerCycle: number): number[] {
  assertInteger(cycles, 1, 'cycles');
  assertInteger(layersPerCycle, 1, 'layersPerCycle');
  return Array.from({ length: cycles * layersPerCycle }, (_, layer) => 2 ** (layer % layersPerCycle));
}
