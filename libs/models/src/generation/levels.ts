import type { ProgressListener } from '@fermata/core';
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { EncodeOptions, StreamOptions, SymbolArray } from './drawing';
import { assertSymbols, commonLength, DrawnSource, type SymbolSource } from './symbolSource';

/**
 * A level turns a sequence into codes, `hop` times shorter, and codes into a matching sequence. Level 1 models audio,
 * level 2 the codes of level 1, and so on. The interface leaves the method open: autoregressive or not.
 */
export interface Level {
  readonly hop: number;
  /** Size of the alphabet of the sequence. */
  readonly symbols: number;
  /** Size k of the alphabet of the codes; null for a continuous bottleneck, which only reconstructs. */
  readonly codebookSize: number | null;

  /**
   * Encodes a sequence.
   *
   * @returns ⌊length / hop⌋ codes: a tail shorter than the hop is dropped
   * @throws RangeError if the bottleneck is continuous
   */
  encode(sequence: SymbolArray, options?: EncodeOptions): Promise<Int32Array>;

  /**
   * Encodes sequences that are read on demand, window by window, in memory that does not grow with their length. The
   * codes are those of `encode`.
   *
   * @returns for each window `[streams]` arrays of codes, until the sequences end
   * @throws RangeError if the bottleneck is continuous
   */
  encodeChunks(symbols: SymbolSource, options?: EncodeOptions): AsyncGenerator<Int32Array[]>;

  /**
   * Draws sequences from codes, chunk by chunk. It reads no code before a chunk needs it.
   *
   * The draw at a position depends on the stream's key, the codes and the previous symbols, given or drawn: an
   * interrupted sequence continues as if it had never stopped.
   *
   * @param codes counted from the first symbol of the prefix
   * @param length symbols to draw for each stream, after those of the prefix; at most hop for each code
   * @returns for each chunk `[streams]` arrays; the prefix is not repeated
   */
  decode(codes: SymbolSource, length: number, options: StreamOptions): AsyncGenerator<Int32Array[]>;

  /**
   * Draws the reconstructions of sequences through the bottleneck, discrete or continuous (section 4.1).
   *
   * It reads the sequences no further than a chunk needs.
   *
   * @param length symbols of each sequence; a tail shorter than the hop is dropped
   * @returns for each chunk `[streams]` arrays; the prefix is not repeated
   */
  reconstruct(symbols: SymbolSource, length: number, options: StreamOptions): AsyncGenerator<Int32Array[]>;
}

/** A prior draws the codes of the highest level from nothing, or continues a prefix, as a level draws from codes. */
export interface Prior {
  /** Size of the alphabet. */
  readonly symbols: number;

  /**
   * Draws symbols.
   *
   * @param length symbols to draw for each stream, after those of the prefix
   * @returns for each chunk `[streams]` arrays; the prefix is not repeated
   */
  draw(length: number, options: StreamOptions): AsyncGenerator<Int32Array[]>;
}

/**
 * Uses given codes in place of a prior, to make music from codes of the highest level alone. The codes of a prefix
 * replace the first ones.
 *
 * @param symbols size of their alphabet
 * @param codes `[streams]` arrays of equal length
 * @throws RangeError for an invalid code, and in a draw of more codes than given, or of a different number of streams
 */
export function givenCodes(symbols: number, codes: readonly SymbolArray[]): Prior {
  for (const stream of codes) assertSymbols(stream, symbols, 'codes');
  return {
    symbols,
    async *draw(length, { keys, prefix, chunk = 4096, signal }) {
      const available = commonLength(codes, keys.length, 'codes');
      const start = prefix === undefined ? 0 : prefix[0].length;
      const end = start + length;
      if (end > available) throw new RangeError(`${end} codes are needed, but there are ${available}`);
      for (let first = start; first < end; first += chunk) {
        await nextTurn(); // lets interrupts in
        signal?.throwIfAborted();
        yield codes.map((stream) => Int32Array.from(stream.subarray(first, Math.min(end, first + chunk))));
      }
    },
  };
}

/**
 * Encodes a sequence level by level.
 *
 * @param levels level 1 first
 * @returns the codes of each level, level 1 first
 * @throws RangeError for levels that do not fit together
 */
export async function encodeLevels(
  levels: readonly Level[],
  sequence: SymbolArray,
  { onProgress, ...options }: EncodeOptions = {},
): Promise<Int32Array[]> {
  assertFit(levels);
  const codes: Int32Array[] = [];
  for (const [index, level] of levels.entries()) {
    const below = index === 0 ? sequence : codes[index - 1];
    const listener = staged(`encode level ${index + 1}`, onProgress);
    codes.push(await level.encode(below, { ...options, ...listener }));
  }
  return codes;
}

/**
 * The codes of the highest level of a sequence, encoded on demand, level by level, in memory that does not grow with
 * the length.
 *
 * @param levels level 1 first; if empty, the codes are the symbols themselves
 * @param streams number of sequences
 * @throws RangeError for levels that do not fit together
 */
export function codesSource(
  levels: readonly Level[],
  symbols: SymbolSource,
  streams: number,
  options: EncodeOptions = {},
): SymbolSource {
  assertFit(levels);
  const nothing = Array.from({ length: streams }, () => new Int32Array(0));
  return levels.reduce(
    (source, level) => new DrawnSource(nothing, level.encodeChunks(source, options)),
    symbols,
  );
}

/** @throws RangeError for levels, and a prior, that do not fit together */
export function assertFit(levels: readonly Level[], prior?: Prior): void {
  levels.forEach(({ codebookSize }, index) => {
    const above = index + 1 < levels.length ? levels[index + 1] : prior;
    if (above !== undefined && above.symbols !== codebookSize) {
      const name = index + 1 < levels.length ? `level ${index + 2}` : 'the prior';
      throw new RangeError(
        `level ${index + 1} has ${codebookSize} codes, but ${name} models ${above.symbols}`,
      );
    }
  });
}

// exactOptionalPropertyTypes requires that an absent listener stays absent.
function staged(stage: string, onProgress: ProgressListener | undefined): { onProgress?: ProgressListener } {
  if (onProgress === undefined) return {};
  return {
    onProgress: (progress) => {
      onProgress({ ...progress, stage });
    },
  };
}
