import { muLawBlocks } from '@fermata/audio';
import { UserError } from '@fermata/core';
import { DrawnSource, type SymbolArray, type SymbolSource } from '@fermata/models';

import { audioRate } from '../rows';
import type { OpenedModel } from './openModel';

/** Audio as mu-law symbols of a model's level 1, read block by block, so that hours need no more memory than seconds. */
export interface Recording {
  /** Length in timesteps at 16 kHz. */
  readonly length: number;
  /** Reads the symbols from the beginning, in blocks. */
  blocks(): AsyncIterable<SymbolArray>;
}

/**
 * Opens a recording for a model: reads it once to know its length and that it can be read, and again whenever its
 * symbols are asked for.
 *
 * @param options.seconds length from the beginning; all if left out
 * @throws UserError for a recording that is unreadable, silent, or shorter than one code of the highest level
 */
export async function openRecording(
  { card, model, below }: OpenedModel,
  path: string,
  { seconds = Infinity, signal }: { readonly seconds?: number | undefined; readonly signal: AbortSignal },
): Promise<Recording> {
  const most = Math.round(seconds * audioRate);
  const blocks = () => muLawBlocks(path, { sampleRate: audioRate, symbols: 2 ** card.bits, signal });
  let length = 0;
  for await (const block of cut(blocks(), most)) length += block.length;
  const hop = [model, ...below.map((level) => level.model)].reduce((product, one) => product * one.hop, 1);
  if (length < hop) {
    throw new UserError(
      `${path}: a code of #${card.row} stands for ${hop} samples at 16 kHz, but there are ${length}.`,
      most < hop ? 'Give more --seconds.' : 'Choose a longer recording.',
    );
  }
  return { length, blocks: () => cut(blocks(), length) };
}

/** A recording of symbols in memory, `[time]`. */
export function recordingOf(symbols: SymbolArray): Recording {
  return {
    length: symbols.length,
    // eslint-disable-next-line @typescript-eslint/require-await -- a recording is read asynchronously
    async *blocks() {
      yield symbols;
    },
  };
}

/** All symbols of a recording at once, `[time]`: two bytes each at most. */
export async function wholeRecording({ length, blocks }: Recording, alphabet: number): Promise<SymbolArray> {
  const symbols = alphabet <= 256 ? new Uint8Array(length) : new Uint16Array(length);
  let done = 0;
  for await (const block of blocks()) {
    symbols.set(block, done);
    done += block.length;
  }
  return symbols;
}

/** Calls a function with the symbols of a recording as a source of one stream, and closes the file afterwards. */
export async function* withSymbols<T>(
  { blocks }: Recording,
  use: (symbols: SymbolSource) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const chunks = inStreams(blocks());
  try {
    yield* use(new DrawnSource([new Int32Array(0)], chunks));
  } finally {
    await chunks.return(undefined);
  }
}

async function* inStreams(blocks: AsyncIterable<SymbolArray>): AsyncGenerator<SymbolArray[]> {
  for await (const block of blocks) yield [block];
}

async function* cut<T extends SymbolArray>(blocks: AsyncIterable<T>, length: number): AsyncGenerator<T> {
  let left = length;
  for await (const block of blocks) {
    yield block.subarray(0, left) as T;
    left -= block.length;
    if (left <= 0) return;
  }
}
