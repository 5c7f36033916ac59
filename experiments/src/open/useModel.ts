import { type ProgressListener } from '@fermata/core';
import {
  codesSource,
  joinChunks,
  reconstructLevels,
  type DrawOptions,
  type SymbolArray,
} from '@fermata/models';

import { describeModel } from '../models';
import { noSettings, settingsByLevel, type LevelSettings } from './levelSettings';
import { levelsOfOpened, type OpenedModel } from './openModel';
import { recordingOf, withSymbols, type Recording } from './recording';
import { requireRole } from './role';

interface Listeners {
  readonly onProgress: ProgressListener;
  readonly signal: AbortSignal;
}

interface ReconstructOptions extends Pick<DrawOptions, 'key'>, Listeners {
  readonly settings?: LevelSettings;
}

// Codes that are asked for at a time.
const codesPerRead = 4096;

/**
 * Encodes audio to the codes of an opened autoencoder, through the levels below. It reads the audio as it encodes it:
 * memory grows by a byte or two for each code.
 *
 * @param audio a recording, or mu-law symbols `[time]`
 * @throws UserError for a model without codes
 */
export async function encodeRecording(
  opened: OpenedModel,
  audio: Recording | SymbolArray,
  { onProgress, signal }: Listeners,
): Promise<SymbolArray> {
  requireRole(`Row ${opened.card.row}`, describeModel(opened.card.model), 'codes');
  const recording = asRecording(audio);
  const levels = levelsOfOpened(opened);
  const hop = levels.reduce((product, level) => product * level.hop, 1);
  const length = levels.reduce((symbols, level) => Math.floor(symbols / level.hop), recording.length);
  const codes = opened.model.codebookSize! <= 256 ? new Uint8Array(length) : new Uint16Array(length);
  const chunks = withSymbols(recording, async function* (symbols) {
    const source = codesSource(levels, symbols, 1, { signal });
    for (let first = 0; first < length; first += codesPerRead) yield await source.read(first, codesPerRead);
  });
  let done = 0;
  for await (const [chunk] of chunks) {
    codes.set(chunk, done);
    done += chunk.length;
    onProgress({ stage: 'encode', done: done * hop, total: length * hop });
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
  const chunks = reconstructRecordingChunks(opened, recordingOf(symbols), options);
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
 * length.
 *
 * @throws UserError if the model is not an autoencoder
 */
export function reconstructRecordingChunks(
  opened: OpenedModel,
  recording: Recording,
  { settings = noSettings, ...options }: ReconstructOptions,
): AsyncGenerator<ReconstructedChunk> {
  requireRole(`Row ${opened.card.row}`, describeModel(opened.card.model), 'reconstruction');
  const levels = levelsOfOpened(opened, settingsByLevel(opened, settings));
  const hop = levels.reduce((product, level) => product * level.hop, 1);
  const length = Math.floor(recording.length / hop) * hop;
  // The originals are read a second time: the encoder is far ahead of what is drawn.
  return withSymbols(recording, (originals) =>
    withSymbols(recording, async function* (symbols) {
      let done = 0;
      for await (const [again] of reconstructLevels({
        ...settings.all,
        ...options,
        levels,
        symbols,
        length,
      })) {
        const [original] = await originals.read(done, again.length);
        done += again.length;
        yield { original, again };
      }
    }),
  );
}

async function* inStreams(chunks: AsyncIterable<ReconstructedChunk>): AsyncGenerator<Int32Array[]> {
  for await (const { again } of chunks) yield [again];
}

function asRecording(audio: Recording | SymbolArray): Recording {
  return 'blocks' in audio ? audio : recordingOf(audio);
}
