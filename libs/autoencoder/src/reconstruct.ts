import type { RandomKey } from '@fermata/core';
import { joinChunks, sampleChunks, type SampleOptions } from '@fermata/wavenet';

import { conditioningSource, sequenceConditioning } from './conditioning';
import type { DiscreteAutoencoder } from './discreteAutoencoder';
import type { SymbolArray } from './encodeSequence';
import { commonLength, wholeSource, type SymbolSource } from './symbolSource';

/** How the sampler draws a symbol: see `SampleOptions`. */
export type DrawSettings = Pick<SampleOptions, 'temperature' | 'topK' | 'topP' | 'weights'>;

/** How to draw several sequences at once, chunk by chunk: see `SampleOptions`. */
export interface StreamOptions
  extends DrawSettings, Pick<SampleOptions, 'keys' | 'prefix' | 'chunk' | 'onProgress' | 'signal'> {}

/** How to draw one whole sequence. */
export interface DrawOptions extends DrawSettings, Pick<SampleOptions, 'onProgress' | 'signal'> {
  readonly key: RandomKey;
}

/**
 * Draws sequences that codes stand for, chunk by chunk: samples the local model symbol by symbol, conditioned on the
 * codes, which are read as far as the modulator sees ahead of a chunk and no further.
 *
 * The draw at a position depends on the stream's key, the symbols before it and the codes, not on where a prefix ended.
 *
 * @param options.codes y, each 0 … k − 1, counted from the first symbol of the prefix
 * @param options.length symbols to draw for each stream, behind those of the prefix
 * @returns for each chunk `[streams]` arrays; the prefix is not repeated
 * @throws RangeError for a code that is none, and for settings out of range
 */
export function reconstructChunks({
  model,
  codes,
  length,
  ...options
}: StreamOptions & {
  model: DiscreteAutoencoder;
  codes: SymbolSource;
  length: number;
}): AsyncGenerator<Int32Array[]> {
  const conditioning = conditioningSource(model, codes);
  return sampleChunks(model.localModel, { ...options, steps: length, conditioning });
}

/**
 * Draws the reconstructions of sequences (section 4.1), chunk by chunk: what `reconstructChunks` draws from their codes,
 * or, where the bottleneck is continuous, what is drawn from their queries.
 *
 * @param options.sequences x, `[streams]` arrays of equal length, each 0 … symbols − 1; a tail shorter than the hop is
 *   dropped
 * @returns for each chunk `[streams]` arrays, ⌊length / hop⌋ · hop symbols in all less those of the prefix, which is not
 *   repeated
 * @throws RangeError for sequences of other numbers than there are keys, and for settings out of range
 */
export async function* reconstructSequenceChunks({
  model,
  sequences,
  ...options
}: StreamOptions & {
  model: DiscreteAutoencoder;
  sequences: readonly SymbolArray[];
}): AsyncGenerator<Int32Array[]> {
  const length = commonLength(sequences, options.keys.length, 'sequences');
  const steps = Math.floor(length / model.hop) * model.hop - lengthOf(options.prefix);
  const conditioning = sequenceConditioning(model, sequences);
  yield* sampleChunks(model.localModel, { ...options, steps, conditioning });
}

/**
 * Draws a whole sequence that codes stand for: `reconstructChunks` of one stream, put together.
 *
 * @param options.codes y, each 0 … k − 1
 * @param options.prefix symbols to go on from; default: from nothing, as in training
 * @returns hop symbols for each code, but for those of the prefix
 * @throws RangeError for a code that is none, and for settings out of range
 */
export async function reconstruct({
  model,
  codes,
  ...options
}: WholeOptions & { model: DiscreteAutoencoder; codes: SymbolArray }): Promise<Int32Array> {
  const stream = oneStream(options);
  const length = codes.length * model.hop - lengthOf(stream.prefix);
  return whole(reconstructChunks({ ...stream, model, codes: wholeSource([codes]), length }));
}

/**
 * Draws the whole reconstruction of a sequence: `reconstructSequenceChunks` of one stream, put together.
 *
 * @param options.sequence x, each 0 … symbols − 1; a tail shorter than the hop is dropped
 * @param options.prefix symbols to go on from; default: from nothing, as in training
 * @returns ⌊length / hop⌋ · hop symbols, but for those of the prefix
 * @throws RangeError for settings out of range
 */
export async function reconstructSequence({
  model,
  sequence,
  ...options
}: WholeOptions & { model: DiscreteAutoencoder; sequence: SymbolArray }): Promise<Int32Array> {
  return whole(reconstructSequenceChunks({ ...oneStream(options), model, sequences: [sequence] }));
}

type WholeOptions = DrawOptions & { prefix?: SymbolArray };

function oneStream({ key, prefix, ...options }: WholeOptions): StreamOptions {
  return { ...options, keys: [key], ...(prefix && { prefix: [prefix] }) };
}

async function whole(chunks: AsyncIterable<Int32Array[]>): Promise<Int32Array> {
  const [symbols] = await joinChunks(chunks, 1);
  return symbols;
}

function lengthOf(prefix: StreamOptions['prefix']): number {
  return prefix === undefined ? 0 : prefix[0].length;
}
