import type { ProgressListener } from '@fermata/core';
import { sampleChunks, type WaveNet } from '@fermata/wavenet';
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { DiscreteAutoencoder } from './discreteAutoencoder';
import { encodeSequence, type EncodeOptions, type SymbolArray } from './encodeSequence';
import { reconstructChunks, type DrawSettings, type StreamOptions } from './reconstruct';
import { assertSymbols, commonLength, type SymbolSource } from './symbolSource';

/**
 * Turns a sequence into codes `hop` times shorter, and codes into a sequence that they stand for. Level 1 models audio,
 * level 2 the codes of level 1, and so on. How a level does it is its own matter: autoregressive or not.
 */
export interface Level {
  readonly hop: number;
  /** Size of the alphabet of the sequence. */
  readonly symbols: number;
  /** k, the size of the alphabet of the codes. */
  readonly codebookSize: number;

  /** @returns ⌊length / hop⌋ codes: a tail shorter than the hop is dropped */
  encode(sequence: SymbolArray, options?: EncodeOptions): Promise<Int32Array>;

  /**
   * Draws sequences from codes, chunk by chunk, reading the codes no earlier than a chunk needs them.
   *
   * What is drawn at a position depends on the stream's key, the codes and the symbols before it, be they given as a
   * prefix or drawn: a sequence broken off goes on as if it never had been.
   *
   * @param codes counted from the first symbol of the prefix
   * @param length symbols to draw for each stream, behind those of the prefix; hop for each code at most
   * @returns for each chunk `[streams]` arrays; the prefix is not repeated
   */
  decode(codes: SymbolSource, length: number, options: StreamOptions): AsyncGenerator<Int32Array[]>;
}

/** Draws the codes of the highest level from nothing, or on from a prefix, as a level draws from codes. */
export interface Prior {
  /** Size of the alphabet. */
  readonly symbols: number;

  /**
   * @param length symbols to draw for each stream, behind those of the prefix
   * @returns for each chunk `[streams]` arrays; the prefix is not repeated
   */
  draw(length: number, options: StreamOptions): AsyncGenerator<Int32Array[]>;
}

/**
 * An autoencoder as a level.
 *
 * @param settings of this level, whatever the others are drawn with: a temperature for codes need not suit audio
 */
export function autoencoderLevel(model: DiscreteAutoencoder, settings: DrawSettings = {}): Level {
  return {
    hop: model.hop,
    symbols: model.symbols,
    codebookSize: model.codes,
    encode: (sequence, options) => encodeSequence(model, sequence, options),
    decode: (codes, length, options) => reconstructChunks({ ...options, ...settings, model, codes, length }),
  };
}

/**
 * An unconditional WaveNet as a prior.
 *
 * @param settings of the prior, whatever the levels are drawn with
 */
export function waveNetPrior(model: WaveNet, settings: DrawSettings = {}): Prior {
  return {
    symbols: model.config.symbols,
    draw: (length, options) => sampleChunks(model, { ...options, ...settings, steps: length }),
  };
}

/**
 * Codes that are there already in the place of a prior: music from codes of the highest level alone. Where there is a
 * prefix, its codes stand in the place of the first ones.
 *
 * @param symbols size of their alphabet
 * @param codes `[streams]` arrays of equal length
 * @throws RangeError for a code that is none, and, when drawn from, for more than there are or other streams
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
        await nextTurn(); // an interrupt gets its turn
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
 * @returns the codes of each level, level 1's first
 * @throws RangeError for levels that do not fit upon each other
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

/** @throws RangeError for levels, and a prior, that do not fit upon each other */
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

// exactOptionalPropertyTypes: an absent listener stays absent.
function staged(stage: string, onProgress: ProgressListener | undefined): { onProgress?: ProgressListener } {
  if (onProgress === undefined) return {};
  return {
    onProgress: (progress) => {
      onProgress({ ...progress, stage });
    },
  };
}
