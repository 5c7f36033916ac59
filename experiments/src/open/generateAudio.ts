import { createHash } from 'node:crypto';

import { decodeMuLaw } from '@fermata/audio';
import { fold, randomKey, UserError, type Json, type ProgressListener } from '@fermata/core';
import { assertSymbols, encodePrefix, generateChunks, type Kept, type SymbolArray } from '@fermata/models';

import { audioRate } from '../rows';
import { KeptGeneration } from './keptGeneration';
import { noSettings, settingsByLevel, type LevelSettings } from './levelSettings';
import { levelsOfOpened, priorOfOpened, type OpenedModel } from './openModel';

export interface GenerateAudioOptions {
  /** A prior, with the levels below it. */
  readonly opened: OpenedModel;
  /** Seconds to draw after the prompt. */
  readonly seconds: number;
  readonly seed: number;
  /** Pieces of music drawn at once; 1 if left out. */
  readonly count?: number;
  readonly settings?: LevelSettings;
  /** Audio at the beginning of each piece, as mu-law symbols `[time]`. */
  readonly prompt?: SymbolArray | undefined;
  /** Codes of the highest level to begin with; the prior continues after them. */
  readonly codes?: SymbolArray | undefined;
  /** File that keeps the symbols of every level, so that a killed generation can continue. */
  readonly keep?: string | undefined;
  /** Called with the number of timesteps of audio drawn. */
  readonly onProgress?: ProgressListener;
  readonly signal?: AbortSignal;
}

/**
 * Generates music (section 4.4): the prior draws codes, each level the sequence below, level 1 the audio. It yields
 * audio in chunks while it draws, in memory that does not grow with the length.
 *
 * The same options give the same music, even if a generation is killed and continues from the file that keeps it.
 *
 * @returns for each chunk the samples of each piece, `[pieces]` arrays `[time]` in [−1, 1] at 16 kHz; the prompt comes
 *   first
 * @throws UserError if the model is not a prior, for a level that the system does not have, and for a prompt or codes
 *   that do not fit the model
 */
export async function* generateAudio(options: GenerateAudioOptions): AsyncGenerator<Float32Array[]> {
  const { opened, seconds, seed, count = 1, prompt, onProgress, signal } = options;
  const { all, levels, prior } = partsOf(options);
  const base = fold(randomKey('generation'), seed);
  const keys = Array.from({ length: count }, (_, stream) => (stream === 0 ? base : fold(base, stream)));
  const total = (prompt?.length ?? 0) + Math.round(seconds * audioRate);
  const keeper =
    options.keep === undefined
      ? undefined
      : KeptGeneration.open(options.keep, identityOf(options), levels.length, count);
  const start = keeper?.before ?? (await startOf(options, levels, keys.length));
  if (keeper !== undefined && keeper.before === undefined) {
    for (const symbols of inPieces(start.symbols)) keeper.add(0, symbols);
    start.codes.forEach((codes, index) => {
      for (const piece of inPieces(codes)) keeper.add(index + 1, piece);
    });
  }
  const { symbols: alphabet } = levels.at(0) ?? opened.model;
  const heard = (symbols: readonly Int32Array[]) =>
    symbols.map((sequence) => decodeMuLaw(sequence, alphabet));
  const done = start.symbols[0].length;
  for (const symbols of inPieces(start.symbols)) yield heard(symbols);
  for await (const symbols of generateChunks({
    ...all,
    prior,
    levels,
    timesteps: total - done,
    keys,
    resume: start,
    ...(keeper && {
      onCodes: (level, codes) => {
        keeper.add(level, codes);
      },
    }),
    ...(onProgress && {
      onProgress: (progress) => {
        onProgress({ ...progress, done: done + progress.done, total });
      },
    }),
    ...(signal && { signal }),
  })) {
    keeper?.add(0, symbols);
    yield heard(symbols);
  }
}

function partsOf({ opened, settings = noSettings, prompt, codes }: GenerateAudioOptions) {
  if (prompt !== undefined && codes !== undefined) {
    throw new UserError('Both a prompt and codes are given.', 'Leave out --prompt or --codes.');
  }
  const own = settingsByLevel(opened, settings);
  // Checks the prior first, to refuse an autoencoder on top.
  const prior = priorOfOpened(opened, own.at(-1));
  return { all: settings.all, prior, levels: levelsOfOpened(opened, own).slice(0, own.length - 1) };
}

/** Symbols and codes at the start of a generation. */
async function startOf(
  { prompt, codes, signal }: GenerateAudioOptions,
  levels: ReturnType<typeof levelsOfOpened>,
  streams: number,
): Promise<Kept> {
  const repeat = (sequence: SymbolArray) => Array.from({ length: streams }, () => sequence);
  if (prompt !== undefined) {
    const { symbols, codes: encoded } = await encodePrefix(levels, [prompt], { ...(signal && { signal }) });
    return {
      symbols: repeat(symbols[0]),
      codes: encoded.map(([stream]) => repeat(stream)),
    };
  }
  const nothing = new Int32Array(0);
  if (codes === undefined) return { symbols: repeat(nothing), codes: levels.map(() => repeat(nothing)) };
  const top = levels.at(-1);
  if (top === undefined) {
    throw new UserError('This model draws audio itself: it takes no codes.', 'Leave out --codes.');
  }
  assertSymbols(codes, top.codebookSize ?? 0, 'codes');
  return {
    symbols: repeat(nothing),
    codes: levels.map((level) => repeat(level === top ? codes : nothing)),
  };
}

/** Everything that the symbols of a generation depend on. */
function identityOf({
  opened,
  seconds,
  seed,
  count = 1,
  settings,
  prompt,
  codes,
}: GenerateAudioOptions): Json {
  return {
    model: opened.card.run,
    seconds,
    seed,
    count,
    settings: settings === undefined ? {} : (settings.all as Json),
    levels: settings === undefined ? [] : ([...settings.levels] as object as Json),
    prompt: prompt === undefined ? null : hashOf(prompt),
    codes: codes === undefined ? null : hashOf(codes),
  };
}

// Symbols of a piece of a long beginning.
const pieceSymbols = 65_536;

/** Cuts a beginning into pieces, `[streams]` arrays each, so that hours of it are not copied at once. */
function* inPieces(streams: readonly SymbolArray[]): Generator<Int32Array[]> {
  for (let first = 0; first < streams[0].length; first += pieceSymbols) {
    yield streams.map((symbols) => Int32Array.from(symbols.subarray(first, first + pieceSymbols)));
  }
}

function hashOf(symbols: SymbolArray): string {
  const hash = createHash('sha256');
  for (const [piece] of inPieces([symbols])) hash.update(piece);
  return hash.digest('hex');
}
