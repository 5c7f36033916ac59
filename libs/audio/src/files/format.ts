import { UserError } from '@fermata/core';

import type { SourceFile } from './source';

/** A block of decoded audio: each channel `[time]`, full scale at ±1. */
export interface AudioBlock {
  readonly channels: Float32Array[];
  /** Sample rate in Hz. */
  readonly sampleRate: number;
}

/** Recognition and reading of one kind of file. */
export interface ReadableFormat {
  readonly name: string;
  /** True if a file that begins with these bytes is of this kind. */
  recognises(head: Buffer): boolean;
  /**
   * Reads the length from the headers, without decoding. `exact` is false for an estimate.
   *
   * @throws UserError if the file is damaged or its codec is not supported
   */
  length(file: SourceFile): { readonly seconds: number; readonly exact: boolean };
  /** Decodes the audio block by block. @throws UserError as `length` does, and if the audio cannot be decoded */
  decode(file: SourceFile): Iterable<AudioBlock> | AsyncIterable<AudioBlock>;
}

export function damaged(path: string, problem: string): UserError {
  return new UserError(`${path}: ${problem}.`, 'Copy or export it again, or remove it.');
}

export function unsupported(path: string, what: string): UserError {
  return new UserError(
    `${path}: ${what} is not supported.`,
    'Convert it to WAV (PCM), FLAC, MP3 or Ogg Vorbis.',
  );
}

/** @throws UserError for a sample rate that no recording has */
export function checkSampleRate(path: string, sampleRate: number): void {
  if (sampleRate < 100 || sampleRate > 768000) {
    throw damaged(path, `its header has a sample rate of ${sampleRate} Hz`);
  }
}

/** The common interface of the wasm-audio-decoders family. */
export interface BlockDecoder {
  readonly ready: Promise<void>;
  free(): void;
  decode(bytes: Uint8Array): DecodedBlock | Promise<DecodedBlock>;
  flush?(): Promise<DecodedBlock>;
}

interface DecodedBlock {
  readonly channelData: Float32Array[];
  readonly samplesDecoded: number;
  readonly sampleRate: number;
  readonly errors: readonly { readonly message: string }[];
}

/**
 * Decodes a whole file piece by piece with a decoder, and frees the decoder.
 *
 * @param trailer bytes for the decoder after those of the file
 */
export async function* decodeBlocks(
  file: SourceFile,
  decoder: BlockDecoder,
  trailer?: Uint8Array,
): AsyncGenerator<AudioBlock> {
  try {
    await decoder.ready;
    for (const bytes of followedBy(file.blocks(0), trailer)) {
      const block = await decoder.decode(bytes);
      if (block.errors.length > 0)
        throw damaged(file.path, `a part cannot be decoded (${block.errors[0].message})`);
      if (block.samplesDecoded > 0) yield { channels: block.channelData, sampleRate: block.sampleRate };
    }
    const last = await decoder.flush?.();
    if (last !== undefined && last.samplesDecoded > 0) {
      yield { channels: last.channelData, sampleRate: last.sampleRate };
    }
  } finally {
    decoder.free();
  }
}

function* followedBy(blocks: Iterable<Uint8Array>, trailer?: Uint8Array): Iterable<Uint8Array> {
  for (const block of blocks) yield block;
  if (trailer !== undefined) yield trailer;
}
