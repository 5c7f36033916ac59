import { setImmediate } from 'node:timers/promises';

import { UserError } from '@fermata/core';

import { flac } from './flac';
import { damaged, undecodable, type AudioBlock, type ReadableFormat } from './format';
import { mp3 } from './mp3/mp3';
import { ogg } from './ogg/ogg';
import { isMidi, otherFormat, unsupported } from './otherFormats';
import { concatenate } from './resample';
import { SourceFile, type Source } from './source';
import { id3v2Bytes, withoutLeadingTags } from './tags';
import { wav } from './wav/wav';

// MP3 has no signature and is looked for, so it comes last.
const formats: readonly ReadableFormat[] = [wav, flac, ogg];

// Seconds by which the header's length may exceed that of the music.
const tolerance = 0.05;

/** Longest recording, in hours: a few megabytes of compressed silence can last for months. */
export const mostHours = 12;

/** A whole recording: each channel `[time]`, full scale at ±1; `sampleRate` in Hz. */
export type DecodedAudio = AudioBlock;

export interface DecodeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after each block with the number of seconds decoded. */
  readonly onDecoded?: ((seconds: number) => void) | undefined;
}

/**
 * Decodes a WAV, FLAC, MP3, Ogg Vorbis or Opus file with any extension.
 *
 * @throws UserError as {@link decodeBlocks} does
 */
export async function decodeAudioFile(path: string, options: DecodeOptions = {}): Promise<DecodedAudio> {
  const blocks: AudioBlock[] = [];
  for await (const block of decodeBlocks(path, options)) blocks.push(block);
  const channels = blocks[0].channels.map((_, channel) =>
    concatenate(blocks.map((block) => block.channels[channel])),
  );
  return { channels, sampleRate: blocks[0].sampleRate };
}

/**
 * Reads the length of a recording in seconds from its headers alone: exact if they contain it, else an estimate from
 * the size of the file.
 *
 * @throws UserError if the file is missing, empty, truncated, damaged, of another kind or too long, as far as headers
 *   show
 */
export function audioSeconds(path: string): number {
  const file = new SourceFile(path);
  try {
    const { format, source } = open(file);
    const { seconds } = format.length(source);
    assertBounded(path, seconds);
    return seconds;
  } catch (error) {
    throw asReason(error, path);
  } finally {
    file.close();
  }
}

/**
 * Decodes a recording block by block. A single block is some seconds at most.
 *
 * @returns blocks with one number of channels and one sample rate
 * @throws UserError if the file is missing, empty, truncated, damaged, of another kind, or longer than 12 hours; also
 *   where a decoder fails in a way of its own
 */
export async function* decodeBlocks(
  path: string,
  { signal, onDecoded }: DecodeOptions,
): AsyncGenerator<AudioBlock> {
  const file = new SourceFile(path);
  try {
    const { format, source } = open(file);
    const expected = format.length(source);
    assertBounded(path, expected.seconds);
    let first: AudioBlock | undefined;
    let decoded = 0;
    let seconds = 0;
    for await (const block of format.decode(source)) {
      const { sampleRate, channels } = (first ??= block);
      if (block.sampleRate !== sampleRate || block.channels.length !== channels.length) {
        throw damaged(path, 'its sample rate or number of channels changes within the file');
      }
      decoded += block.channels[0].length;
      seconds = decoded / sampleRate;
      assertBounded(path, seconds);
      yield block;
      onDecoded?.(seconds);
      // Lets timers and signals in.
      await setImmediate();
      signal?.throwIfAborted();
    }
    checkLength(path, seconds, expected);
  } catch (error) {
    throw signal?.aborted === true ? error : asReason(error, path);
  } finally {
    file.close();
  }
}

// A library that decodes may throw anything at a damaged file: that is a fault of this file, not of Fermata.
function asReason(error: unknown, path: string): UserError {
  return error instanceof UserError ? error : undecodable(path);
}

function assertBounded(path: string, seconds: number): void {
  if (seconds <= mostHours * 3600) return;
  throw new UserError(
    `${path}: the recording lasts ${Math.round(seconds / 3600)} hours, more than ${mostHours}.`,
    'Divide it into shorter files.',
  );
}

function checkLength(path: string, seconds: number, expected: { seconds: number; exact: boolean }): void {
  if (seconds === 0 && expected.seconds === 0) throw damaged(path, 'there are no samples in the file');
  if (seconds === 0 || (expected.exact && seconds < expected.seconds - tolerance)) {
    const [found, wanted] = [seconds, expected.seconds].map((value) => value.toFixed(1));
    throw damaged(path, `the file ends after ${found} of ${wanted} s: it is truncated`);
  }
}

/** Finds the format of a file by its contents, and the source without the tags before the audio. */
function open(file: Source): { format: ReadableFormat; source: Source } {
  const head = file.read(0, headBytes);
  const untagged = withoutLeadingTags(file);
  for (const source of untagged === file ? [file] : [file, untagged]) {
    const format = recognise(source);
    if (format !== undefined) return { format, source };
  }
  if (mp3.recognises(untagged.read(0, headBytes), untagged)) return { format: mp3, source: untagged };
  if (id3v2Bytes(head) > 0) throw damaged(file.path, 'there are tags and no audio in the file');
  if (head.toString('latin1').startsWith('version https://git-lfs')) {
    throw new UserError(`${file.path}: this is a pointer of Git LFS, not audio.`, 'Run git lfs pull.');
  }
  throw damaged(file.path, isText(head) ? 'this is a text file, not audio' : 'this is not an audio file');
}

const headBytes = 512;

/** @throws UserError for a format that is known, and not read */
function recognise(source: Source): ReadableFormat | undefined {
  const head = source.read(0, headBytes);
  const format = formats.find((candidate) => candidate.recognises(head, source));
  if (format !== undefined) return format;
  if (isMidi(head)) {
    throw new UserError(`${source.path}: this is a MIDI file, not audio.`, 'Play it first: fermata render.');
  }
  const kind = otherFormat(head);
  if (kind !== undefined) throw unsupported(source.path, kind);
  return undefined;
}

function isText(head: Buffer): boolean {
  return head.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 13);
}
