import type { EncodeOptions, SymbolArray } from './drawing';
import { encodeLevels, type Level } from './levels';
import { assertSymbols, commonLength } from './symbolSource';

/** The kept part of a generation to continue, counted from the first timestep. */
export interface Kept {
  /** Lowest sequence: `[streams]` arrays of equal length. */
  readonly symbols: readonly SymbolArray[];
  /**
   * Codes of each level, level 1 first: `[levels][streams]` arrays, of equal length within a level. They may end before
   * or after the symbols: missing codes are drawn again.
   */
  readonly codes: readonly (readonly SymbolArray[])[];
}

/**
 * Encodes sequences, level by level, to continue them: the codes of all whole hops. The code of a last, partial hop is
 * unknown; the level above draws it.
 *
 * The last codes see past the end of the prefix and would differ if it continued. They are kept anyway, because they
 * describe the timesteps at the end. Codes drawn in their place would not know these timesteps, and the sequence would
 * continue from a past that contradicts its codes. On sums of two sinusoids (hop 4, four codes that see past the end) a
 * separate WaveNet gave the first four timesteps after a prefix 1.49 nats each with kept codes, 1.90 with drawn ones,
 * and 1.47 further on.
 *
 * @param levels level 1 first
 * @param prefix `[streams]` arrays of equal length
 * @throws RangeError for levels that do not fit together, sequences of different lengths and invalid symbols
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
  return {
    symbols: prefix,
    codes: levels.map(({ codebookSize }, index) =>
      streams.map((codes) => compact(codes[index], codebookSize ?? 0)),
    ),
  };
}

// Hours of codes take a byte each, where they fit.
function compact(codes: Int32Array, codebookSize: number): SymbolArray {
  if (codebookSize > 65_536) return codes;
  return codebookSize > 256 ? Uint16Array.from(codes) : Uint8Array.from(codes);
}

/** @throws RangeError unless the numbers of streams and levels match and all symbols are in their alphabets */
export function assertKept({ symbols, codes }: Kept, levels: readonly Level[], streams: number): void {
  if (codes.length !== levels.length) {
    throw new RangeError(`codes of ${codes.length} levels are kept, but there are ${levels.length} levels`);
  }
  commonLength(symbols, streams, 'prefixes');
  levels.forEach((level, index) => {
    commonLength(codes[index], streams, `codes of level ${index + 1}`);
    for (const stream of codes[index]) {
      assertSymbols(stream, level.codebookSize ?? 0, `codes of level ${index + 1}`);
    }
  });
}
