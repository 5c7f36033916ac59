import { type ProgressListener } from '@fermata/core';
import {
  codesSource,
  joinChunks,
  reconstructLevels,
  type DrawOptions,
  type SymbolArray,
  wholeSource,
} from '@fermata/models';

import { describeModel } from '../models';
import { noSettings, settingsByLevel, type LevelSettings } from './levelSettings';
import { levelsOfOpened, type OpenedModel } from './openModel';
import { requireRole } from './role';

interface Listeners {
  readonly onProgress: ProgressListener;
  readonly signal: AbortSignal;
}

interface ReconstructOptions extends Pick<DrawOptions, 'key'>, Listeners {
  readonly settings?: LevelSettings;
}

// Codes that are asked for at a time.
const codesPerRead = 1024;

/**
 * Encodes audio to the codes of an opened autoencoder, through the levels below, window by window: memory grows by a byte
 * or two for each code.
 *
 * @param symbols mu-law symbols `[time]`
 * @throws UserError for a model without codes
 */
export async function encodeRecording(
  opened: OpenedModel,
  symbols: SymbolArray,
  { onProgress, signal }: Listeners,
): Promise<SymbolArray> {
  requireRole(`Row ${opened.card.row}`, describeModel(opened.card.model), 'codes');
  const levels = levelsOfOpened(opened);
  const hop = levels.reduce((product, level) => product * level.hop, 1);
  const length = levels.reduce((steps, level) => Math.floor(steps / level.hop), symbols.length);
  const codes = opened.model.codebookSize! <= 256 ? new Uint8Array(length) : new Uint16Array(length);
  const source = codesSource(levels, wholeSource([symbols]), 1, { signal });
  for (let first = 0; first < length; first += codesPerRead) {
    const [chunk] = await source.read(first, codesPerRead);
    codes.set(chunk, first);
    onProgress({ stage: 'encode', done: (first + chunk.length) * hop, total: length * hop });
  }
  return codes;
}

/**
 * Reconstructs audio through an opened autoencoder and the levels below it (section 4.1).
 *
 * @param symbols mu-law symbols `[time]`; it drops a tail shorter than a code of the highest level
 * @throws UserError if the model is not an autoencoder
 */
export async function reconstructRecording(
  opened: OpenedModel,
  symbols: SymbolArray,
  options: ReconstructOptions,
): Promise<Int32Array> {
  const chunks = reconstructRecordingChunks(opened, symbols, options);
  const [again] = await joinChunks(inStreams(chunks), 1);
  return again;
}

/** A piece of a recording, and its reconstruction: symbols `[time]` of one length. */
export interface ReconstructedChunk {
  readonly original: SymbolArray;
  readonly again: Int32Array;
}

/**
 * Reconstructs a recording like {@link reconstructRecording}, chunk by chunk, in memory that does not grow with the
 * length beyond that of `symbols`.
 *
 * @throws UserError if the model is not an autoencoder
 */
export async function* reconstructRecordingChunks(
  opened: OpenedModel,
  symbols: SymbolArray,
  { settings = noSettings, ...options }: ReconstructOptions,
): AsyncGenerator<ReconstructedChunk> {
  requireRole(`Row ${opened.card.row}`, describeModel(opened.card.model), 'reconstruction');
  const levels = levelsOfOpened(opened, settingsByLevel(opened, settings));
  const hop = levels.reduce((product, level) => product * level.hop, 1);
  const length = Math.floor(symbols.length / hop) * hop;
  const source = wholeSource([symbols]);
  let done = 0;
  for await (const [again] of reconstructLevels({
    ...settings.all,
    ...options,
    levels,
    symbols: source,
    length,
  })) {
    yield { original: symbols.subarray(done, done + again.length), again };
    done += again.length;
  }
}

async function* inStreams(chunks: AsyncIterable<ReconstructedChunk>): AsyncGenerator<Int32Array[]> {
  for await (const { again } of chunks) yield [again];
}
