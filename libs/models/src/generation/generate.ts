import { fold, type ProgressListener } from '@fermata/core';
import { assertInteger } from '@fermata/tensor';

import {
  concatChunks,
  joinChunks,
  type DrawOptions,
  type DrawSettings,
  type StreamOptions,
  type SymbolArray,
} from './drawing';
import { assertKept, encodePrefix, type Kept } from './kept';
import { assertFit, givenCodes, type Level, type Prior } from './levels';
import { DrawnSource } from './symbolSource';

/**
 * Options of a generation. Temperature, topK, topP and weights hold for the prior and for every level without its own
 * settings.
 */
export interface GenerateOptions extends DrawSettings, Pick<StreamOptions, 'keys' | 'signal'> {
  readonly prior: Prior;
  /** Levels, level 1 first; if empty, the prior draws the sequence itself. */
  readonly levels: readonly Level[];
  /** Timesteps to draw for each stream, after those of the prefix. */
  readonly timesteps: number;
  /**
   * Sequence to continue from for each stream, all of the same length: shorthand for `resume` with the result of
   * `encodePrefix`.
   */
  readonly prefix?: readonly SymbolArray[];
  /** Generation to continue, with the codes that it was drawn from, in place of a prefix. */
  readonly resume?: Kept;
  /** Timesteps per chunk; the higher levels draw fewer. Default 4,096. */
  readonly chunk?: number;
  /**
   * Called with the codes of each level, `[streams]` arrays for each chunk, before anything is drawn from them; the
   * first follow those of the prefix. Drawing waits for it. Together with the symbols, these codes are the input of
   * `resume`.
   */
  readonly onCodes?: (level: number, codes: readonly Int32Array[]) => void | Promise<void>;
  /** Called with the number of timesteps drawn so far, chunk by chunk. */
  readonly onProgress?: ProgressListener;
}

/**
 * Generates sequences (section 4.4), chunk by chunk, in constant memory: the prior draws the codes of the highest
 * level, and each level draws from codes the sequence below, level 1 the audio. No level draws its sequence further
 * than the level below sees ahead, so the first chunk comes long before the last code.
 *
 * A stream draws with separate keys for the prior and for each level, and by position. The other streams, the chunks
 * and the end of a prefix make no difference. From its kept symbols and codes (`resume`), an interrupted generation
 * continues to the same symbols if it has the same number of timesteps: near the end, levels know that the sequence
 * ends. A prefix differs in its last codes, which are those of a sequence that ends there (`encodePrefix`).
 *
 * @returns for each chunk `[streams]` arrays of the lowest sequence; the prefix is not repeated
 * @throws RangeError for levels and a prior that do not fit together, for prefixes that do not fit them or the keys,
 *   and for settings out of range; the signal's reason; any error of `onCodes`
 */
export async function* generateChunks({
  prior,
  levels,
  timesteps,
  keys,
  prefix,
  resume,
  chunk = 4096,
  onCodes,
  onProgress,
  ...settings
}: GenerateOptions): AsyncGenerator<Int32Array[]> {
  assertFit(levels, prior);
  assertInteger(keys.length, 1, 'the number of keys');
  assertInteger(timesteps, 0, 'timesteps');
  assertInteger(chunk, 1, 'chunk');
  if (prefix !== undefined && resume !== undefined) {
    throw new RangeError('prefix and resume are both given, but only one can be continued');
  }
  const { signal } = settings;
  signal?.throwIfAborted();
  const nothing = keys.map(() => new Int32Array(0));
  const kept =
    prefix === undefined
      ? (resume ?? { symbols: nothing, codes: levels.map(() => nothing) })
      : await encodePrefix(levels, prefix, { ...(signal && { signal }) });
  assertKept(kept, levels, keys.length);
  const lengths = sequenceLengths(levels, kept.symbols[0].length + timesteps);
  // A generation that ends here does not know codes after the last timestep.
  const given = [kept.symbols, ...kept.codes].map((sequences, index) =>
    sequences.map((sequence) => sequence.subarray(0, lengths[index])),
  );
  const optionsOf = (index: number, name: string | number) => ({
    ...settings,
    keys: keys.map((key) => fold(key, name)),
    prefix: given[index],
    chunk: Math.max(Math.ceil(chunk / totalHop(levels.slice(0, index))), index === 0 ? 1 : leastCodes),
  });
  const missing = (index: number) => lengths[index] - given[index][0].length;

  const top = levels.length;
  let drawn = prior.draw(missing(top), optionsOf(top, 'prior'));
  const generators = [drawn];
  try {
    for (let index = top - 1; index >= 0; index--) {
      const codes = new DrawnSource(given[index + 1], heard(drawn, index + 1, onCodes));
      drawn = levels[index].decode(codes, missing(index), optionsOf(index, index + 1));
      generators.push(drawn);
    }
    let done = 0;
    onProgress?.({ stage: 'generate', done, total: timesteps });
    for await (const symbols of drawn) {
      done += symbols[0].length;
      onProgress?.({ stage: 'generate', done, total: timesteps });
      yield symbols;
    }
  } finally {
    await Promise.all(generators.map((generator) => generator.return(undefined)));
  }
}

/** A whole sequence with the codes that it was drawn from. */
export interface Drawn {
  readonly symbols: Int32Array;
  /** Codes of each level, level 1 first. */
  readonly codes: readonly Int32Array[];
}

/**
 * Generates a whole sequence from nothing: `generateChunks` of one stream, joined.
 *
 * @throws RangeError for levels and a prior that do not fit together, and for settings out of range
 */
export async function generate({
  key,
  ...options
}: DrawOptions & Pick<GenerateOptions, 'prior' | 'levels' | 'timesteps'>): Promise<Drawn> {
  const chunks = options.levels.map((): (readonly Int32Array[])[] => []);
  const drawn = generateChunks({
    ...options,
    keys: [key],
    onCodes: (level, codes) => void chunks[level - 1].push(codes),
  });
  const [symbols] = await joinChunks(drawn, 1);
  return { symbols, codes: chunks.map((codes) => concatChunks(codes, 1)[0]) };
}

/**
 * Draws a whole sequence from the codes of the highest level, level by level downwards: `generate` with `givenCodes`.
 *
 * @param options.levels level 1 first; if empty, the codes are the sequence
 * @param options.codes codes of the highest level
 * @param options.timesteps length of the sequence; default: all timesteps of the codes
 * @throws RangeError for levels that do not fit together, for more timesteps than the codes have, and for settings out
 *   of range
 */
export async function decodeLevels({
  levels,
  codes,
  timesteps = codes.length * totalHop(levels),
  ...options
}: DrawOptions & { levels: readonly Level[]; codes: SymbolArray; timesteps?: number }): Promise<Drawn> {
  const symbols = levels.at(-1)?.codebookSize ?? Infinity;
  return generate({ ...options, levels, timesteps, prior: givenCodes(symbols, [codes]) });
}

// The least number of codes in a chunk: with fewer, the modulator would compute little but margins.
const leastCodes = 64;

/** Passes on chunks of codes, after calling a listener with each. */
async function* heard(
  chunks: AsyncIterable<Int32Array[]>,
  level: number,
  onCodes: GenerateOptions['onCodes'],
): AsyncGenerator<Int32Array[]> {
  for await (const codes of chunks) {
    await onCodes?.(level, codes);
    yield codes;
  }
}

/** Timesteps of the sequence for each code of the highest level. */
function totalHop(levels: readonly Level[]): number {
  return levels.reduce((product, { hop }) => product * hop, 1);
}

/** Lengths of the sequence and of the codes of each level, in whole codes. */
function sequenceLengths(levels: readonly Level[], timesteps: number): number[] {
  const lengths = [timesteps];
  for (const { hop } of levels) lengths.push(Math.ceil(lengths[lengths.length - 1] / hop));
  return lengths;
}
