import type { Symbols } from '@fermata/data';

import { waveformBlocks, type DecodeOptions } from './files';
import { encodeMuLaw } from './mulaw';

/**
 * Reads a recording as mu-law symbols, block by block, so that hours need no more memory than seconds.
 *
 * @param options.sampleRate in Hz
 * @param options.symbols size of the mu-law alphabet
 * @returns blocks of symbols `[time]`, in time; joined, they are `encodeMuLaw` of `loadWaveform`
 * @throws UserError as `loadWaveform`
 */
export async function* muLawBlocks(
  path: string,
  {
    sampleRate,
    symbols,
    ...options
  }: DecodeOptions & { readonly sampleRate: number; readonly symbols: number },
): AsyncGenerator<Symbols> {
  for await (const block of waveformBlocks(path, sampleRate, options)) yield encodeMuLaw(block, symbols);
}
