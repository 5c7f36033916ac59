import { fingerprint } from '@fermata/core';

import { concatenate } from '../../files';
import { soundingEnds, type Performance } from '../performance';
import { PianoSamples, highestKey, lowestKey, pianoRate, type Strike } from './samples';

// Raise this when the same performance sounds different with the same samples.
const version = 1;

/**
 * Root mean square of the first 0.4 s of a note at velocity 127 in the lower half of the keyboard, relative to full
 * scale. It is the same for every piece, so that soft playing stays soft.
 */
const loudestLevel = 0.065;

const highestDamped = 90; // F sharp 6: the strings above have no dampers
const shortestHold = 0.04; // seconds: the shortest time before the damper falls back
const blockLength = 10 * pianoRate;
const inaudible = 1e-4; // share of the note's own level at which its release is cut off

/**
 * Sampled grand piano, 16 kHz mono. A note uses the layer recorded nearest to its velocity, at the level for its key
 * and velocity: the layer decides only the timbre, and loudness is continuous across layers and even across keys. The
 * amplitude grows with the square of the velocity, as General MIDI recommends. After key and pedal are released the
 * damper falls: 40 dB within 0.2 s in the middle, 0.5 s in the lowest bass, and not at all above F sharp 6.
 *
 * Nothing is normalised: a hundred concert performances of the classical repertoire peak between −17 and −2 dBFS, and
 * have a root mean square of −37 to −22 dBFS.
 *
 *     const piano = new Piano(cacheFolder);
 *     const samples = await piano.render(readMidi('nocturne.mid'));
 */
export class Piano {
  /** Changes whenever the same performance sounds different. */
  readonly fingerprint: string;
  private readonly samples: PianoSamples;

  /** @param cache folder for decoded samples, about 90 MB after all keys have been played */
  constructor(cache: string) {
    this.samples = new PianoSamples(cache);
    this.fingerprint = fingerprint({ version, samples: this.samples.fingerprint });
  }

  /**
   * Plays a performance. It first decodes samples that were never needed before: once, about ten seconds for all of
   * them. Pitches beyond the 88 keys sound at the nearest octave on the keyboard.
   *
   * @returns `[time]` at 16 kHz, from the performance's time 0 until the last note has died away
   * @throws UserError if the cache cannot be written
   */
  async render(performance: Performance): Promise<Float32Array> {
    const blocks: Float32Array[] = [];
    for await (const block of this.renderBlocks(performance)) blocks.push(block);
    return concatenate(blocks);
  }

  /** Plays a performance like {@link render}, block by block, each ten seconds at most. */
  async *renderBlocks(performance: Performance): AsyncGenerator<Float32Array> {
    for (const { pitch, velocity } of performance.notes) await this.samples.load(keyOf(pitch), velocity);
    const voices = this.voicesOf(performance);
    const length = voices.reduce((end, voice) => Math.max(end, endOf(voice)), 0);
    let waiting = voices.length; // the last voices begin first
    let sounding: Voice[] = [];
    for (let start = 0; start < length; start += blockLength) {
      const block = new Float32Array(Math.min(blockLength, length - start));
      const before = waiting;
      while (waiting > 0 && voices[waiting - 1].start < start + block.length) waiting--;
      sounding = [...voices.slice(waiting, before), ...sounding];
      for (const voice of sounding) mix(voice, block, start);
      sounding = sounding.filter((voice) => endOf(voice) > start + block.length);
      yield block;
    }
  }

  // From the last note to the first.
  private voicesOf(performance: Performance): Voice[] {
    const ends = soundingEnds(performance);
    const struckAgain = new Map<number, number>(); // onset of the following note, by key
    const voices: Voice[] = [];
    for (let index = performance.notes.length - 1; index >= 0; index--) {
      const { onset, pitch, velocity } = performance.notes[index];
      const key = keyOf(pitch);
      const next = struckAgain.get(key) ?? Infinity;
      struckAgain.set(key, onset);
      const until = key > highestDamped ? Infinity : Math.max(ends[index], onset + shortestHold);
      const strike = this.samples.strike(key, velocity);
      voices.push(voiceOf(strike, key, velocity, onset, Math.min(until, next)));
    }
    return voices;
  }
}

/** Note being rendered into the output. Lengths are in samples. */
interface Voice {
  readonly start: number;
  readonly source: Int16Array;
  readonly gain: number;
  /** Time for which it sounds freely. */
  readonly held: number;
  /** Time of the damping after that, and the damping factor per sample. */
  readonly tail: number;
  readonly decay: number;
  /** The gain at the beginning of the next block. */
  damped: number;
}

function endOf({ start, held, tail }: Voice): number {
  return start + held + tail;
}

function voiceOf(strike: Strike, key: number, velocity: number, onset: number, until: number): Voice {
  const start = Math.round(onset * pianoRate);
  const held = Math.min(strike.samples.length, Math.round((until - onset) * pianoRate));
  const decay = inaudible ** (1 / (2 * damperTime(key) * pianoRate)); // 40 dB is half of the way to inaudible
  const gain = levelOf(key, velocity) / (strike.level * 32767);
  const tail = Math.min(strike.samples.length - held, Math.ceil(Math.log(inaudible) / Math.log(decay)));
  return { start, source: strike.samples, gain, held, tail, decay, damped: gain };
}

/** Adds the part of a voice within a block, whose first sample is `blockStart`. Blocks must come in order. */
function mix(voice: Voice, block: Float32Array, blockStart: number): void {
  const { start, source, gain, held, decay } = voice;
  const offset = start - blockStart;
  const end = Math.min(endOf(voice) - start, block.length - offset);
  let t = Math.max(0, -offset);
  for (; t < Math.min(held, end); t++) block[offset + t] += gain * source[t];
  for (; t < end; t++) {
    voice.damped *= decay;
    block[offset + t] += voice.damped * source[t];
  }
}

/** Root mean square of the first 0.4 s of a note: 40 dB for a factor of ten in velocity, less in the treble. */
function levelOf(key: number, velocity: number): number {
  const trebleDecibels = Math.max(0, key - 72) / 3;
  return loudestLevel * (velocity / 127) ** 2 * 10 ** (-trebleDecibels / 20);
}

/** Seconds in which a falling damper attenuates a note by 40 dB. */
function damperTime(key: number): number {
  return 0.2 + 0.3 * Math.max(0, (60 - key) / (60 - lowestKey));
}

function keyOf(pitch: number): number {
  if (pitch < lowestKey) return pitch + 12 * Math.ceil((lowestKey - pitch) / 12);
  if (pitch > highestKey) return pitch - 12 * Math.ceil((pitch - highestKey) / 12);
  return pitch;
}
