import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { fingerprint, writeFileAtomic } from '@fermata/core';

import { interpolate, interpolator, type Interpolator } from './tuning';

/** Sample rate of the piano's output, in Hz. */
export const pianoRate = 16000;
export const lowestKey = 21;
export const highestKey = 108;

/** Used Salamander layers, of sixteen, and the MIDI velocity that each was recorded around. */
const layers: readonly { readonly layer: number; readonly velocity: number }[] = [
  { layer: 2, velocity: 30 },
  { layer: 6, velocity: 48 },
  { layer: 10, velocity: 76 },
  { layer: 14, velocity: 108 },
];

const sampleSpacing = 3; // semitones: A, C, D sharp and F sharp of each octave
const recordedRate = 44100;
/** Share of the peak of its first tenth of a second at which a recording's note begins. */
const onsetThreshold = 0.05;
const leadIn = 0.002; // seconds kept before the onset, faded in
const fadeOut = 2; // seconds of fade at the end of a sample, at most half of it

// Part of the cache's name. Raise this whenever the prepared samples change.
const version = 1;

/** One key struck at one layer: its sound from the onset until it has died away. */
export interface Strike {
  /** Full scale is 32767. */
  readonly samples: Int16Array;
  /** Root mean square of the first 0.4 s, relative to full scale. */
  readonly level: number;
}

/**
 * Recordings of the Salamander Grand Piano (Alexander Holm, CC BY 3.0): decoded, tuned to all 88 keys, cut to their
 * onsets and kept on disk, one file for each recording. Missing files are made on demand.
 */
export class PianoSamples {
  /** Changes with the source of the samples and with their preparation. */
  readonly fingerprint: string;
  private readonly folder: string;
  /** Indexed by key and layer. */
  private readonly strikes = new Map<number, Strike>();
  private readonly tunings = new Map<number, Interpolator>();

  /** @param cache folder for prepared samples */
  constructor(cache: string) {
    const recordings = layers.map(({ layer }) => `${packageOf(layer)}@${packageVersion(layer)}`);
    this.fingerprint = fingerprint({ version, recordings, rate: pianoRate });
    this.folder = join(cache, this.fingerprint);
  }

  /**
   * Prepares a key at a velocity for `strike`.
   *
   * @throws UserError if the cache cannot be written
   */
  async load(key: number, velocity: number): Promise<void> {
    const layer = layerOf(velocity);
    if (this.strikes.has(placeOf(key, layer))) return;
    const recordedKey = nearestRecorded(key);
    const shifts = shiftsOf(recordedKey);
    const length = Math.round(secondsOf(recordedKey) * pianoRate);
    const samples =
      this.read(recordedKey, layer, shifts.length * length) ??
      (await this.make(recordedKey, layer, shifts, length));
    shifts.forEach((shift, index) => {
      const strike = samples.subarray(index * length, (index + 1) * length);
      this.strikes.set(placeOf(recordedKey + shift, layer), { samples: strike, level: levelOf(strike) });
    });
  }

  /** Sound of a key at the layer nearest to a velocity. @throws RangeError if it was not loaded */
  strike(key: number, velocity: number): Strike {
    const strike = this.strikes.get(placeOf(key, layerOf(velocity)));
    if (strike === undefined) throw new RangeError(`key ${key} at velocity ${velocity} is not loaded`);
    return strike;
  }

  private pathOf(recordedKey: number, layer: number): string {
    return join(this.folder, `key-${String(recordedKey).padStart(3, '0')}-layer-${layer}.pcm`);
  }

  private read(recordedKey: number, layer: number, length: number): Int16Array | undefined {
    let bytes: Buffer;
    try {
      bytes = readFileSync(this.pathOf(recordedKey, layer));
    } catch {
      return undefined;
    }
    if (bytes.length !== length * 2) return undefined;
    const samples = new Int16Array(length);
    new Uint8Array(samples.buffer).set(bytes); // in the byte order of this machine, which owns the cache
    return samples;
  }

  /** Recording at its own pitch and at its neighbours': `[shift, time]`. */
  private async make(
    recordedKey: number,
    layer: number,
    shifts: readonly number[],
    length: number,
  ): Promise<Int16Array> {
    const samples = new Int16Array(shifts.length * length);
    const recording = await decode(recordingOf(recordedKey, layer));
    const start = onsetOf(recording);
    const { round } = Math;
    shifts.forEach((shift, index) => {
      const tuned = interpolate(this.tuning(shift), recording, start, length);
      const available = (recording.length - start) / (recordedRate / pianoRate) / 2 ** (shift / 12);
      fade(tuned, Math.min(length, Math.floor(available)));
      for (let t = 0; t < length; t++) {
        const clipped = tuned[t] > 1 ? 1 : tuned[t] < -1 ? -1 : tuned[t];
        samples[index * length + t] = round(32767 * clipped);
      }
    });
    writeFileAtomic(this.pathOf(recordedKey, layer), new Uint8Array(samples.buffer));
    return samples;
  }

  private tuning(shift: number): Interpolator {
    const known = this.tunings.get(shift) ?? interpolator(recordedRate, pianoRate, shift);
    this.tunings.set(shift, known);
    return known;
  }
}

/** Layer recorded nearest to a velocity. */
function layerOf(velocity: number): number {
  const distance = (recorded: { readonly velocity: number }): number =>
    Math.abs(recorded.velocity - velocity);
  return layers.reduce((nearest, other) => (distance(other) < distance(nearest) ? other : nearest)).layer;
}

function placeOf(key: number, layer: number): number {
  return layer * 128 + key;
}

/**
 * Right channel of a recording, at 44.1 kHz. The two microphones hear the fundamentals of some keys in opposite phase,
 * so their sum would sound thin.
 */
async function decode(path: string): Promise<Float32Array> {
  const bytes = readFileSync(path);
  const { MPEGDecoder } = await import('mpg123-decoder');
  const decoder = new MPEGDecoder();
  await decoder.ready;
  try {
    return decoder.decode(bytes).channelData[1];
  } finally {
    decoder.free();
  }
}

function nearestRecorded(key: number): number {
  return lowestKey + sampleSpacing * Math.round((key - lowestKey) / sampleSpacing);
}

/** Shifts of a recording, in semitones: to the keys of the piano that are nearest to it. */
function shiftsOf(recordedKey: number): number[] {
  return [-1, 0, 1].filter((shift) => recordedKey + shift >= lowestKey && recordedKey + shift <= highestKey);
}

/** Length kept of a key's strikes: the rest is at least 40 dB below the beginning, and faded. */
function secondsOf(recordedKey: number): number {
  return recordedKey <= 75 ? 10 : Math.max(3.5, 10 - (recordedKey - 75) * 0.4);
}

const letters = ['C', 'C#', 'D', 'D#', 'E', 'F', 'F#', 'G', 'G#', 'A', 'A#', 'B'];

function packageOf(layer: number): string {
  return `@audio-samples/piano-mp3-velocity${layer}`;
}

function packageVersion(layer: number): string {
  const manifest = readFileSync(require.resolve(`${packageOf(layer)}/package.json`), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

function recordingOf(recordedKey: number, layer: number): string {
  const folder = dirname(require.resolve(`${packageOf(layer)}/package.json`));
  const note = `${letters[recordedKey % 12]}${Math.floor(recordedKey / 12) - 1}`;
  return join(folder, 'audio', `${note}v${layer}.mp3`);
}

/** First sample to keep, so that the notes of all keys and layers begin alike. */
function onsetOf(recording: Float32Array): number {
  const rising = recording.subarray(0, Math.round(0.1 * recordedRate));
  const peak = rising.reduce((largest, sample) => Math.max(largest, Math.abs(sample)), 0);
  const onset = rising.findIndex((sample) => Math.abs(sample) >= onsetThreshold * peak);
  return Math.max(0, onset - Math.round(leadIn * recordedRate));
}

/** Fades in over the lead-in and out towards `end`; silence follows. */
function fade(samples: Float32Array, end: number): void {
  const rise = Math.round(leadIn * pianoRate);
  for (let t = 0; t < rise; t++) samples[t] *= smoothStep(t / rise);
  const fall = Math.round(Math.min(fadeOut * pianoRate, end / 2));
  for (let t = end - fall; t < end; t++) samples[t] *= smoothStep((end - t) / fall);
  samples.fill(0, end);
}

/** Smooth curve from 0 at 0 to 1 at 1, level at both ends. */
function smoothStep(x: number): number {
  return x * x * (3 - 2 * x);
}

function levelOf(samples: Int16Array): number {
  const beginning = samples.subarray(0, Math.round(0.4 * pianoRate));
  const energy = beginning.reduce((sum, sample) => sum + (sample / 32767) ** 2, 0);
  return Math.sqrt(energy / beginning.length);
}
