import { UserError } from '@fermata/core';

import type { Source } from './source';

/** A block of decoded audio: each channel `[time]`, full scale at ±1. */
export interface AudioBlock {
  readonly channels: Float32Array[];
  /** Sample rate in Hz. */
  readonly sampleRate: number;
}

/** Recognition and reading of one kind of file. Sources begin with the first byte that is no tag. */
export interface ReadableFormat {
  readonly name: string;
  /** True if a source is of this kind. @param head its first 512 bytes */
  recognises(head: Buffer, source: Source): boolean;
  /**
   * Reads the length from the headers, without decoding. `exact` is false for an estimate.
   *
   * @throws UserError if the file is damaged or its codec is not supported
   */
  length(source: Source): { readonly seconds: number; readonly exact: boolean };
  /** Decodes the audio block by block. @throws UserError as `length` does, and if the audio cannot be decoded */
  decode(source: Source): Iterable<AudioBlock> | AsyncIterable<AudioBlock>;
}

export function damaged(path: string, problem: string): UserError {
  return new UserError(`${path}: ${problem}.`, 'Copy or export it again, or remove it.');
}

/** The error for audio at which a decoder fails; what it says itself means nothing to a user. */
export function undecodable(path: string): UserError {
  return damaged(path, 'a part of it is damaged and cannot be decoded');
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
 * Decodes bytes piece by piece with a decoder, and frees the decoder.
 *
 * @param path the file, for errors
 */
export async function* decodeWith(
  decoder: BlockDecoder,
  bytes: Iterable<Uint8Array>,
  path: string,
): AsyncGenerator<AudioBlock> {
  await decoder.ready;
  try {
    for (const piece of bytes) {
      const block = await decoder.decode(piece);
      if (block.errors.length > 0) throw undecodable(path);
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
