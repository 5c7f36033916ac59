import { fold, type ProgressListener } from '@fermata/core';
import { assertInteger } from '@fermata/tensor';
import { sample, type WaveNet } from '@fermata/wavenet';

import type { DiscreteAutoencoder } from './discreteAutoencoder';
import { encodeSequence, type EncodeOptions, type SymbolArray } from './encodeSequence';
import { reconstruct, type DrawOptions, type DrawSettings } from './reconstruct';

/**
 * Turns a sequence into codes `hop` times shorter, and codes into a sequence that they stand for. Level 1 models audio,
 * level 2 the codes of level 1, and so on. How a level does it is its own matter: autoregressive or not.
 */
export interface Level {
  readonly hop: number;
  /** Size of the alphabet of the sequence. */
  readonly symbols: number;
  /** Size of the alphabet of the codes. */
  readonly codes: number;

  /** @returns ⌊length / hop⌋ codes: a tail shorter than the hop is dropped */
  encode(sequence: SymbolArray, options?: EncodeOptions): Promise<Int32Array>;

  /** @returns hop symbols for each code */
  decode(codes: SymbolArray, options: DrawOptions): Promise<Int32Array>;
}

/** Draws the codes of the highest level from nothing. */
export interface Prior {
  /** Size of the alphabet. */
  readonly symbols: number;

  /** @returns `length` symbols */
  draw(length: number, options: DrawOptions): Promise<Int32Array>;
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
    codes: model.codes,
    encode: (sequence, options) => encodeSequence(model, sequence, options),
    decode: (codes, options) => reconstruct({ ...options, ...settings, model, codes }),
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
    async draw(length, { key, ...options }) {
      const [symbols] = await sample(model, { ...options, ...settings, keys: [key], steps: length });
      return symbols;
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

/** A sequence and the codes that it was drawn from. */
export interface Drawn {
  readonly symbols: Int32Array;
  /** The codes of each level, level 1's first. */
  readonly codes: readonly Int32Array[];
}

/**
 * Draws a sequence from the codes of the highest level, level by level downwards. Temperature, topK, topP and weights
 * hold for every level that has no settings of its own.
 *
 * @param options.levels level 1 first; where there is none, the codes are the sequence
 * @param options.codes of the highest level
 * @param options.timesteps of the sequence; default: all that the codes stand for
 * @throws RangeError for levels that do not fit upon each other, for more timesteps than the codes stand for, and for
 *   settings out of range
 */
export async function decodeLevels({
  levels,
  codes,
  timesteps = codes.length * totalHop(levels),
  key,
  onProgress,
  ...options
}: DrawOptions & {
  levels: readonly Level[];
  codes: SymbolArray;
  timesteps?: number;
}): Promise<Drawn> {
  assertFit(levels);
  const lengths = sequenceLengths(levels, timesteps);
  if (codes.length < lengths[levels.length]) {
    throw new RangeError(
      `${timesteps} timesteps need ${lengths[levels.length]} codes, but there are ${codes.length}`,
    );
  }
  const sequences = [Int32Array.from(codes.subarray(0, lengths[levels.length]))];
  for (let index = levels.length - 1; index >= 0; index--) {
    const symbols = await levels[index].decode(sequences[0], {
      ...options,
      ...staged(`level ${index + 1}`, onProgress),
      key: fold(key, index + 1),
    });
    sequences.unshift(symbols.subarray(0, lengths[index]));
  }
  return { symbols: sequences[0], codes: sequences.slice(1) };
}

/**
 * Generates a sequence from nothing (section 4.4): the prior draws the codes of the highest level, each level draws from
 * codes the sequence below, level 1 the audio. Temperature, topK, topP and weights hold for the prior and for every level
 * that has no settings of its own.
 *
 * @param options.levels level 1 first; where there is none, the prior draws the sequence itself
 * @param options.timesteps of the sequence
 * @throws RangeError for levels and a prior that do not fit upon each other, and for settings out of range
 */
export async function generate({
  prior,
  levels,
  timesteps,
  ...options
}: DrawOptions & { prior: Prior; levels: readonly Level[]; timesteps: number }): Promise<Drawn> {
  assertFit(levels, prior);
  const length = sequenceLengths(levels, timesteps)[levels.length];
  const codes = await prior.draw(length, {
    ...options,
    ...staged('prior', options.onProgress),
    key: fold(options.key, 'prior'),
  });
  return decodeLevels({ ...options, levels, codes, timesteps });
}

/** Timesteps of the sequence for each code of the highest level. */
function totalHop(levels: readonly Level[]): number {
  return levels.reduce((product, { hop }) => product * hop, 1);
}

/** The lengths of the sequence and of the codes of each level, whole codes each. */
function sequenceLengths(levels: readonly Level[], timesteps: number): number[] {
  assertInteger(timesteps, 0, 'timesteps');
  const lengths = [timesteps];
  for (const { hop } of levels) lengths.push(Math.ceil(lengths[lengths.length - 1] / hop));
  return lengths;
}

function assertFit(levels: readonly Level[], prior?: Prior): void {
  levels.forEach(({ codes }, index) => {
    const above = index + 1 < levels.length ? levels[index + 1] : prior;
    if (above !== undefined && above.symbols !== codes) {
      const name = index + 1 < levels.length ? `level ${index + 2}` : 'the prior';
      throw new RangeError(`level ${index + 1} has ${codes} codes, but ${name} models ${above.symbols}`);
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
