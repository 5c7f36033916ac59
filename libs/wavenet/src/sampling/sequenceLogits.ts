import { randomKey } from '@fermata/core';
import type { WeightFormat } from '@fermata/kernels';

import type { WaveNet } from '../waveNet';
import { createSampler } from './createSampler';

export interface SequenceOptions {
  readonly weights?: WeightFormat;
  /** `[streams, codes, conditioning]`, each code for `hop` symbols; for conditioned models only. */
  readonly conditioning?: { readonly hop: number; readonly values: Float32Array };
}

/**
 * Computes the sampler's unnormalised log-probabilities at every position of given sequences. They equal
 * `WaveNet.logits` up to the rounding of the weights' format.
 *
 * @param sequences symbols of each stream, all of the same length
 * @returns `[streams, time, symbols]`; those at t depend on the symbols before t
 * @throws RangeError or TypeError for arguments that do not fit the model
 */
export async function sequenceLogits(
  model: WaveNet,
  sequences: readonly ArrayLike<number>[],
  { weights = 'fp32', conditioning }: SequenceOptions = {},
): Promise<Float32Array> {
  const steps = sequences[0].length;
  const symbols = Int32Array.from(sequences.flatMap((sequence) => Array.from(sequence)));
  const logits = new Float32Array(symbols.length * model.config.symbols);
  const sampler = await createSampler(model, {
    keys: sequences.map(() => randomKey('nothing is drawn')),
    hop: conditioning?.hop ?? 1,
    weights,
    temperature: 1,
    topK: model.config.symbols,
    topP: 1,
  });
  sampler.take({
    position: 0,
    steps,
    given: steps,
    symbols,
    previous: new Int32Array(sequences.length).fill(-1),
    conditioning: conditioning && {
      first: 0,
      count: Math.ceil(steps / conditioning.hop),
      values: conditioning.values,
    },
    logits,
  });
  sampler.release();
  return logits;
}

/**
 * Measures how much a format of the weights changes the draws: the mean over all positions of KL(p‖q), in nats, from
 * the distribution p of the next symbol with exact weights to the distribution q with rounded ones.
 *
 * @param sequences symbols of each stream, all of the same length
 */
export async function formatDivergence(
  model: WaveNet,
  sequences: readonly ArrayLike<number>[],
  options: SequenceOptions & { readonly weights: WeightFormat },
): Promise<number> {
  const exact = await sequenceLogits(model, sequences, { ...options, weights: 'fp32' });
  const rounded = await sequenceLogits(model, sequences, options);
  const { symbols } = model.config;
  let sum = 0;
  for (let start = 0; start < exact.length; start += symbols) {
    const p = logSoftmax(exact.subarray(start, start + symbols));
    const q = logSoftmax(rounded.subarray(start, start + symbols));
    for (let symbol = 0; symbol < symbols; symbol++) sum += Math.exp(p[symbol]) * (p[symbol] - q[symbol]);
  }
  return (sum * symbols) / exact.length;
}

function logSoftmax(logits: Float32Array): Float64Array {
  let largest = -Infinity;
  let sum = 0;
  for (const logit of logits) largest = Math.max(largest, logit);
  for (const logit of logits) sum += Math.exp(logit - largest);
  return Float64Array.from(logits, (logit) => logit - largest - Math.log(sum));
}
