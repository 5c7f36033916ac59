import type { EncodeOptions, SymbolArray } from './encodeSequence';
import { encodeLevels, type Level } from './levels';
import { assertSymbols, commonLength } from './symbolSource';

/** A generation so far, to go on from: everything is counted from the first timestep. */
export interface Kept {
  /** The lowest sequence: `[streams]` arrays of equal length. */
  readonly symbols: readonly SymbolArray[];
  /**
   * The codes of each level, level 1's first: `[levels][streams]` arrays, of equal length in a level. They may reach
   * beyond the symbols, or not as far: codes that are missing are drawn again.
   */
  readonly codes: readonly (readonly SymbolArray[])[];
}

/**
 * Encodes sequences, level by level, to go on from them: the codes of all whole hops. That of a last hop cut short is not
 * known; it is for the level above to draw.
 *
 * The last codes see past the end of the prefix and would be others if it went on. They are kept all the same, because
 * they say what the timesteps at the end are. Codes drawn in their place know nothing of these timesteps, and the sequence
 * then goes on from a past that its codes contradict. On sums of two sinusoids (hop 4, four codes that see past the end) a
 * separate WaveNet gave the first four timesteps behind a prefix 1.49 nats each where the codes were kept, 1.90 where they
 * were drawn, and 1.47 further on.
 *
 * @param levels level 1 first
 * @param prefix `[streams]` arrays of equal length
 * @throws RangeError for levels that do not fit upon each other, sequences of different lengths and symbols that are none
 */
export async function encodePrefix(
  levels: readonly Level[],
  prefix: readonly SymbolArray[],
  options: EncodeOptions = {},
): Promise<Kept> {
  commonLength(prefix, prefix.length, 'prefixes');
  const streams: Int32Array[][] = [];
  for (const sequence of prefix) {
    if (levels.length > 0) assertSymbols(sequence, levels[0].symbols, 'prefix');
    streams.push(await encodeLevels(levels, sequence, options));
  }
  return { symbols: prefix, codes: levels.map((_, index) => streams.map((codes) => codes[index])) };
}

/** @throws RangeError unless they are sequences of so many streams and levels, of symbols of their alphabets */
export function assertKept({ symbols, codes }: Kept, levels: readonly Level[], streams: number): void {
  if (codes.length !== levels.length) {
    throw new RangeError(`codes of ${codes.length} levels are kept, but there are ${levels.length} levels`);
  }
  commonLength(symbols, streams, 'prefixes');
  levels.forEach((level, index) => {
    commonLength(codes[index], streams, `codes of level ${index + 1}`);
    for (const stream of codes[index])
      assertSymbols(stream, level.codebookSize, `codes of level ${index + 1}`);
  });
}
