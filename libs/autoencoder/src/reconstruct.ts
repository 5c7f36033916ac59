import type { RandomKey } from '@fermata/core';
import { sample, type ConditioningSource, type SampleOptions } from '@fermata/wavenet';
import * as tf from '@tensorflow/tfjs';

import type { DiscreteAutoencoder } from './discreteAutoencoder';
import { encoderMargins, type SymbolArray } from './encodeSequence';

/** How the sampler draws a symbol: see `SampleOptions`. */
export type DrawSettings = Pick<SampleOptions, 'temperature' | 'topK' | 'topP' | 'weights'>;

/** How to draw a sequence. */
export interface DrawOptions extends DrawSettings, Pick<SampleOptions, 'onProgress' | 'signal'> {
  readonly key: RandomKey;
}

/**
 * Draws a sequence that codes stand for: samples the local model symbol by symbol, conditioned on the codes.
 *
 * @param options.codes y, each 0 … k − 1
 * @returns hop symbols for each code
 * @throws RangeError for a code that is none, and for settings out of range
 */
export async function reconstruct({
  model,
  codes,
  key,
  ...options
}: DrawOptions & { model: DiscreteAutoencoder; codes: SymbolArray }): Promise<Int32Array> {
  assertSymbols(codes, model.codes, 'codes');
  const [symbols] = await sample(model.localModel, {
    ...options,
    keys: [key],
    steps: codes.length * model.hop,
    conditioning: conditioningSource(model, codes),
  });
  return symbols;
}

/**
 * The reconstruction of a sequence (section 4.1): what `reconstruct` draws from its codes, or, where the bottleneck is
 * continuous, what is drawn from its queries.
 *
 * @param options.sequence x, each 0 … symbols − 1; a tail shorter than the hop is dropped
 * @returns ⌊length / hop⌋ · hop symbols
 * @throws RangeError for settings out of range
 */
export async function reconstructSequence({
  model,
  sequence,
  key,
  ...options
}: DrawOptions & { model: DiscreteAutoencoder; sequence: SymbolArray }): Promise<Int32Array> {
  const [symbols] = await sample(model.localModel, {
    ...options,
    keys: [key],
    steps: Math.floor(sequence.length / model.hop) * model.hop,
    conditioning: sequenceConditioning(model, sequence),
  });
  return symbols;
}

/**
 * The conditioning of a sequence that goes through the bottleneck, computed where it is read, as that of codes is.
 *
 * @param sequence x, each 0 … symbols − 1
 */
export function sequenceConditioning(model: DiscreteAutoencoder, sequence: SymbolArray): ConditioningSource {
  const { hop } = model;
  const { past, future } = model.modulator.receptiveField;
  const { before, after } = encoderMargins(model);
  const total = Math.floor(sequence.length / hop);
  return {
    hop,
    async read(first, count) {
      const start = Math.max(0, first - past - before);
      const end = Math.min(total, first + count + future + after);
      const window = Int32Array.from(sequence.subarray(start * hop, end * hop));
      return slice(
        () => model.encodedConditioning(tf.tensor2d(window, [1, window.length], 'int32')),
        first - start,
        count,
      );
    },
  };
}

/**
 * The conditioning of codes, computed where it is read: by windows with margins as wide as the modulator sees, so that
 * it is that of all codes at once.
 *
 * @param codes y, each 0 … k − 1
 */
export function conditioningSource(model: DiscreteAutoencoder, codes: SymbolArray): ConditioningSource {
  const { past, future } = model.modulator.receptiveField;
  return {
    hop: model.hop,
    async read(first, count) {
      const start = Math.max(0, first - past);
      const window = Int32Array.from(codes.subarray(start, first + count + future));
      return slice(
        () => model.conditioning(tf.tensor2d(window, [1, window.length], 'int32')),
        first - start,
        count,
      );
    },
  };
}

/** The values of `count` timesteps of `[1, time, channels]`. */
async function slice(compute: () => tf.Tensor3D, first: number, count: number): Promise<Float32Array> {
  const part = tf.tidy(() => tf.slice(compute(), [0, first, 0], [1, count, -1]));
  const values = await part.data<'float32'>();
  part.dispose();
  return values;
}

function assertSymbols(sequence: SymbolArray, count: number, name: string): void {
  const position = sequence.findIndex((symbol) => symbol < 0 || symbol >= count);
  if (position >= 0) {
    throw new RangeError(`${name}[${position}] is ${sequence[position]}, but must be in 0 … ${count - 1}`);
  }
}
