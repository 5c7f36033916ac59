import { fold, type ProgressListener } from '@fermata/core';
import { assertInteger } from '@fermata/tensor';
import { concatChunks, joinChunks, type SampleOptions } from '@fermata/wavenet';

import type { SymbolArray } from './encodeSequence';
import { assertKept, encodePrefix, type Kept } from './kept';
import { assertFit, givenCodes, type Level, type Prior } from './levels';
import type { DrawOptions, DrawSettings } from './reconstruct';
import { DrawnSource } from './symbolSource';

/** Temperature, topK, topP and weights hold for the prior and for every level that has no settings of its own. */
export interface GenerateOptions extends DrawSettings, Pick<SampleOptions, 'keys' | 'signal'> {
  readonly prior: Prior;
  /** Level 1 first; where there is none, the prior draws the sequence itself. */
  readonly levels: readonly Level[];
  /** To draw for each stream, behind those of the prefix. */
  readonly timesteps: number;
  /** For each stream the sequence to go on from, all of the same length: `resume` with what `encodePrefix` gives. */
  readonly prefix?: readonly SymbolArray[];
  /** In place of a prefix: a generation so far, with the codes that it was drawn from. */
  readonly resume?: Kept;
  /** Timesteps given out at a time; the higher levels take fewer. Default 4,096. */
  readonly chunk?: number;
  /**
   * Told the codes of each level, `[streams]` arrays for each chunk, before anything is drawn from them; the first follow
   * those of the prefix. Drawing waits for it. Kept with the symbols, the codes are what `resume` takes.
   */
  readonly onCodes?: (level: number, codes: readonly Int32Array[]) => void | Promise<void>;
  /** Told the timesteps drawn so far, chunk by chunk. */
  readonly onProgress?: ProgressListener;
}

/**
 * Generates sequences (section 4.4), chunk by chunk, in constant memory: the prior draws the codes of the highest level,
 * each level draws from codes the sequence below, level 1 the audio. Every level draws its sequence no further than the
 * level below sees ahead, so that the first chunk is there long before the last code.
 *
 * A stream draws with keys of its own for the prior and for each level, and by position: neither the other streams, nor
 * chunks, nor where a prefix ended make a difference. A generation broken off goes on to the same symbols from what is
 * kept of it (`resume`), if the timesteps end in the same place; towards the end, levels know that there is no more. A
 * prefix differs in its last codes, which are those of a sequence that ends there (`encodePrefix`).
 *
 * @returns for each chunk `[streams]` arrays of the lowest sequence; the prefix is not repeated
 * @throws RangeError for levels and a prior that do not fit upon each other, for prefixes that fit neither them nor the
 *   keys, and for settings out of range; the signal's reason; whatever `onCodes` throws
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
    throw new RangeError('prefix and resume are both given, but either is where to go on from');
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
  // Codes behind the last timestep are unknown to a generation that ends there.
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

/** A whole sequence and the codes that it was drawn from. */
export interface Drawn {
  readonly symbols: Int32Array;
  /** The codes of each level, level 1's first. */
  readonly codes: readonly Int32Array[];
}

/**
 * Generates a whole sequence from nothing: `generateChunks` of one stream, put together.
 *
 * @throws RangeError for levels and a prior that do not fit upon each other, and for settings out of range
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
  ...options
}: DrawOptions & { levels: readonly Level[]; codes: SymbolArray; timesteps?: number }): Promise<Drawn> {
  const symbols = levels.at(-1)?.codebookSize ?? Infinity;
  return generate({ ...options, levels, timesteps, prior: givenCodes(symbols, [codes]) });
}

// A chunk of codes has at least so many: fewer, and the modulator would compute little but margins.
const leastCodes = 64;

/** Chunks of codes, of which a listener is told first. */
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

/** The lengths of the sequence and of the codes of each level, whole codes each. */
function sequenceLengths(levels: readonly Level[], timesteps: number): number[] {
  const lengths = [timesteps];
  for (const { hop } of levels) lengths.push(Math.ceil(lengths[lengths.length - 1] / hop));
  return lengths;
}
