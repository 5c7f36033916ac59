import { fold } from '@fermata/core';

import type { DrawOptions } from './drawing';
import { generateChunks } from './generate';
import { assertFit, codesSource, type Level, type Prior } from './levels';
import type { SymbolSource } from './symbolSource';

/** Fewest codes that a chunk of the highest level has: with fewer, its modulator would compute little but margins. */
const leastCodes = 64;

export interface ReconstructLevelsOptions extends DrawOptions {
  /** Levels, level 1 first, at least one. */
  readonly levels: readonly Level[];
  /** Sequence of level 1, one stream. */
  readonly symbols: SymbolSource;
  /** Its length, a multiple of the product of the hops. */
  readonly length: number;
  /** Symbols of level 1 per chunk. Default 4,096. */
  readonly chunk?: number;
}

/**
 * Reconstructs a sequence through levels, chunk by chunk, in memory that does not grow with the length: encodes it up to
 * the highest level, quantises it in the highest bottleneck, and draws the sequences level by level down to the lowest.
 * Nothing is read or drawn further than a chunk needs.
 *
 * @returns for each chunk the symbols of level 1, `[1]` arrays
 * @throws RangeError for levels that do not fit together, and for settings out of range; the signal's reason
 */
export async function* reconstructLevels({
  levels,
  symbols,
  length,
  key,
  chunk = 4096,
  onProgress,
  ...options
}: ReconstructLevelsOptions): AsyncGenerator<Int32Array[]> {
  assertFit(levels);
  const lower = levels.slice(0, -1);
  const top = levels[lower.length];
  const listener = onProgress === undefined ? {} : { onProgress };
  const below = lower.at(-1);
  if (below === undefined) {
    yield* top.reconstruct(symbols, length, { ...options, ...listener, keys: [key], chunk });
    return;
  }
  const hop = lower.reduce((product, level) => product * level.hop, 1);
  const codes = codesSource(lower, symbols, 1, options.signal && { signal: options.signal });
  const prior: Prior = {
    symbols: below.codebookSize ?? 0,
    draw: () =>
      top.reconstruct(codes, length / hop, {
        ...options,
        keys: [fold(key, levels.length)],
        chunk: Math.max(leastCodes, Math.ceil(chunk / hop)),
      }),
  };
  yield* generateChunks({
    ...options,
    ...listener,
    prior,
    levels: lower,
    timesteps: length,
    keys: [key],
    chunk,
  });
}
