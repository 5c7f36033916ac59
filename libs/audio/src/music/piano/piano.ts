import { fingerprint } from '@fermata/core';

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
    for (const { pitch, velocity } of performance.notes) await this.samples.load(keyOf(pitch), velocity);
    const voices = this.voicesOf(performance);
    const length = voices.reduce((end, voice) => Math.max(end, voice.start + voice.held + voice.tail), 0);
    const output = new Float32Array(length);
    for (const voice of voices) mix(voice, output);
    return output;
  }

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
}

function voiceOf(strike: Strike, key: number, velocity: number, onset: number, until: number): Voice {
  const start = Math.round(onset * pianoRate);
  const held = Math.min(strike.samples.length, Math.round((until - onset) * pianoRate));
  const decay = inaudible ** (1 / (2 * damperTime(key) * pianoRate)); // 40 dB is half of the way to inaudible
  const gain = levelOf(key, velocity) / (strike.level * 32767);
  const tail = Math.min(strike.samples.length - held, Math.ceil(Math.log(inaudible) / Math.log(decay)));
  return { start, source: strike.samples, gain, held, tail, decay };
}

function mix({ start, source, gain, held, tail, decay }: Voice, output: Float32Array): void {
  for (let t = 0; t < held; t++) output[start + t] += gain * source[t];
  let damped = gain;
  for (let t = held; t < held + tail; t++) {
    damped *= decay;
    output[start + t] += damped * source[t];
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
