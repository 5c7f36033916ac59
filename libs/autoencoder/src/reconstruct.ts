import {
  joinChunks,
  wholeSource,
  type DrawOptions,
  type StreamOptions,
  type SymbolArray,
  type SymbolSource,
} from '@fermata/models';
import { sampleChunks } from '@fermata/wavenet';

import { conditioningSource, sequenceConditioning } from './conditioning';
import type { DiscreteAutoencoder } from './discreteAutoencoder';

/**
 * Draws sequences from codes, chunk by chunk: samples the local model symbol by symbol, conditioned on the codes. It
 * reads codes only as far as the modulator sees ahead of a chunk.
 *
 * The draw at a position depends on the stream's key, the previous symbols and the codes, not on the end of a prefix.
 *
 * @param options.codes y, each 0 … k − 1, counted from the first symbol of the prefix
 * @param options.length symbols to draw for each stream, after those of the prefix
 * @returns for each chunk `[streams]` arrays; the prefix is not repeated
 * @throws RangeError for an invalid code, and for settings out of range
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
 * Draws the reconstructions of sequences (section 4.1), chunk by chunk: from their codes like `reconstructChunks`, or
 * from their queries if the bottleneck is continuous.
 *
 * @param options.symbols x, each 0 … symbols − 1, read no further than a chunk needs
 * @param options.length symbols of each sequence; a tail shorter than the hop is dropped
 * @returns for each chunk `[streams]` arrays, in total ⌊length / hop⌋ · hop symbols less those of the prefix, which is
 *   not repeated
 * @throws RangeError if the numbers of sequences and keys differ, and for settings out of range
 */
export function reconstructSequenceChunks({
  model,
  symbols,
  length,
  ...options
}: StreamOptions & {
  model: DiscreteAutoencoder;
  symbols: SymbolSource;
  length: number;
}): AsyncGenerator<Int32Array[]> {
  const steps = Math.floor(length / model.hop) * model.hop - lengthOf(options.prefix);
  const conditioning = sequenceConditioning(model, symbols);
  return sampleChunks(model.localModel, { ...options, steps, conditioning });
}

/**
 * Draws a whole sequence from codes: `reconstructChunks` of one stream, joined.
 *
 * @param options.codes y, each 0 … k − 1
 * @param options.prefix symbols to continue from; default: none, as in training
 * @returns hop symbols for each code, except those of the prefix
 * @throws RangeError for an invalid code, and for settings out of range
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
 * Draws the whole reconstruction of a sequence: `reconstructSequenceChunks` of one stream, joined.
 *
 * @param options.sequence x, each 0 … symbols − 1; a tail shorter than the hop is dropped
 * @param options.prefix symbols to continue from; default: none, as in training
 * @returns ⌊length / hop⌋ · hop symbols, except those of the prefix
 * @throws RangeError for settings out of range
 */
export async function reconstructSequence({
  model,
  sequence,
  ...options
}: WholeOptions & { model: DiscreteAutoencoder; sequence: SymbolArray }): Promise<Int32Array> {
  const symbols = wholeSource([sequence]);
  return whole(reconstructSequenceChunks({ ...oneStream(options), model, symbols, length: sequence.length }));
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
