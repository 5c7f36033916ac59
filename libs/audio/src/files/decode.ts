import { setImmediate } from 'node:timers/promises';

import { UserError } from '@fermata/core';

import { flac } from './flac';
import { damaged, unsupported, type AudioBlock, type ReadableFormat } from './format';
import { mp3 } from './mp3';
import { ogg } from './ogg';
import { Resampler, concatenate } from './resample';
import { SourceFile } from './source';
import { wav } from './wav';

const formats: readonly ReadableFormat[] = [wav, flac, ogg, mp3];

// Louder samples are not audio of full scale 1, but most likely integers stored as floats.
const loudest = 16;
// Seconds by which the header's length may exceed that of the music.
const tolerance = 0.05;
// Below this level, −80 dBFS, all samples have the same code in 8-bit mu-law.
const silence = 1e-4;

/** A whole recording: each channel `[time]`, full scale at ±1; `sampleRate` in Hz. */
export type DecodedAudio = AudioBlock;

export interface DecodeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after each block with the number of seconds decoded. */
  readonly onDecoded?: ((seconds: number) => void) | undefined;
}

/**
 * Decodes a WAV, FLAC, MP3 or Ogg Vorbis file with any extension.
 *
 * @throws UserError if the file is missing, empty, truncated, damaged, of another kind, or holds NaN
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
 * Loads a recording as input for models: the mean of its channels at a given sample rate, at its own level. It decodes
 * and resamples block by block, so that only the result is in memory as a whole.
 *
 * @param sampleRate in Hz
 * @returns samples `[time]`, full scale at ±1
 * @throws UserError as in {@link decodeAudioFile}, and if nothing in the recording rises above −80 dBFS
 */
export async function loadWaveform(
  path: string,
  sampleRate = 16000,
  options: DecodeOptions = {},
): Promise<Float32Array> {
  const blocks: Float32Array[] = [];
  for await (const block of waveformBlocks(path, sampleRate, options)) blocks.push(block);
  return concatenate(blocks);
}

/**
 * Loads a recording like {@link loadWaveform}, block by block, so that hours need no more memory than seconds.
 *
 * @returns blocks `[time]`, full scale at ±1
 * @throws UserError as {@link loadWaveform}; a recording is silent only after its last block
 */
export async function* waveformBlocks(
  path: string,
  sampleRate = 16000,
  options: DecodeOptions = {},
): AsyncGenerator<Float32Array> {
  let resampler: Resampler | undefined;
  let isSilent = true;
  const heard = (samples: Float32Array) => {
    isSilent &&= samples.every((sample) => Math.abs(sample) < silence);
    return samples;
  };
  for await (const block of decodeBlocks(path, options)) {
    resampler ??= new Resampler(block.sampleRate, sampleRate);
    yield heard(resampler.push(mixToMono(block.channels)));
  }
  if (resampler !== undefined) yield heard(resampler.end());
  if (isSilent) {
    throw new UserError(
      `${path}: the recording is silent (nothing rises above -80 dBFS).`,
      'Remove it, or record it again.',
    );
  }
}

/**
 * Reads the length of a recording in seconds from its headers alone: exact if they contain it, else an estimate from
 * the size of the file.
 *
 * @throws UserError if the file is missing, empty, truncated, damaged or of another kind, as far as headers show
 */
export function audioSeconds(path: string): number {
  const file = new SourceFile(path);
  try {
    return formatOf(file).length(file).seconds;
  } finally {
    file.close();
  }
}

async function* decodeBlocks(path: string, { signal, onDecoded }: DecodeOptions): AsyncGenerator<AudioBlock> {
  const file = new SourceFile(path);
  try {
    const format = formatOf(file);
    const expected = format.length(file);
    let first: AudioBlock | undefined;
    let decoded = 0;
    let seconds = 0;
    for await (const block of format.decode(file)) {
      const { sampleRate, channels } = (first ??= block);
      if (block.sampleRate !== sampleRate || block.channels.length !== channels.length) {
        throw damaged(path, 'its sample rate or number of channels changes within the file');
      }
      checkSamples(path, block, decoded);
      decoded += block.channels[0].length;
      seconds = decoded / sampleRate;
      yield block;
      onDecoded?.(seconds);
      // Lets timers and signals in.
      await setImmediate();
      signal?.throwIfAborted();
    }
    checkLength(path, seconds, expected);
  } finally {
    file.close();
  }
}

function checkLength(path: string, seconds: number, expected: { seconds: number; exact: boolean }): void {
  if (seconds === 0 && expected.seconds === 0) throw damaged(path, 'there are no samples in the file');
  if (seconds === 0 || (expected.exact && seconds < expected.seconds - tolerance)) {
    const [found, wanted] = [seconds, expected.seconds].map((value) => value.toFixed(1));
    throw damaged(path, `the file ends after ${found} of ${wanted} s: it is truncated`);
  }
}

function formatOf(file: SourceFile): ReadableFormat {
  const head = file.read(0, 512);
  const format = formats.find((candidate) => candidate.recognises(head));
  if (format !== undefined) return format;
  const kind = others.find(({ at, magic }) => head.toString('latin1', at, at + magic.length) === magic)?.kind;
  if (kind !== undefined) throw unsupported(file.path, kind);
  throw damaged(file.path, isText(head) ? 'this is a text file, not audio' : 'this is not an audio file');
}

// Signatures of other formats near the beginning of a file.
const others: readonly { at: number; magic: string; kind: string }[] = [
  { at: 0, magic: 'MThd', kind: 'MIDI in place of audio' },
  { at: 4, magic: 'ftyp', kind: 'MPEG-4 audio (M4A, AAC)' },
  { at: 0, magic: '\xff\xf1', kind: 'AAC' },
  { at: 0, magic: '\xff\xf9', kind: 'AAC' },
  { at: 8, magic: 'AIF', kind: 'AIFF' },
  { at: 0, magic: 'caff', kind: 'Core Audio Format' },
  { at: 0, magic: '\x30\x26\xb2\x75', kind: 'Windows Media Audio' },
  { at: 0, magic: 'MAC ', kind: "Monkey's Audio" },
  { at: 0, magic: 'wvpk', kind: 'WavPack' },
  { at: 0, magic: '\x1a\x45\xdf\xa3', kind: 'Matroska or WebM' },
  { at: 0, magic: '.snd', kind: 'Sun audio (AU)' },
];

function isText(head: Buffer): boolean {
  return head.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 13);
}

function checkSamples(path: string, block: AudioBlock, before: number): void {
  block.channels.forEach((samples, channel) => {
    for (let t = 0; t < samples.length; t++) {
      if (Math.abs(samples[t]) <= loudest) continue;
      const place = `at ${((before + t) / block.sampleRate).toFixed(2)} s of channel ${channel + 1}`;
      if (Number.isNaN(samples[t])) throw damaged(path, `a sample is not a number (NaN), ${place}`);
      throw new UserError(
        `${path}: a sample is ${samples[t].toPrecision(3)}, ${place}; full scale is 1.`,
        'Export it again as 16-bit PCM, or as floats between -1 and 1.',
      );
    }
  });
}

function mixToMono(channels: readonly Float32Array[]): Float32Array {
  if (channels.length === 1) return channels[0];
  const mono = new Float32Array(channels[0].length);
  for (const samples of channels) for (let t = 0; t < mono.length; t++) mono[t] += samples[t];
  for (let t = 0; t < mono.length; t++) mono[t] /= channels.length;
  return mono;
}
