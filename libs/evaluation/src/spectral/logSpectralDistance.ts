import { PowerFrames } from '@fermata/audio';

import { assertComparable } from './assertComparable';

// Length of a frame in seconds, and the step between frames as a share of a frame.
const frameSeconds = 0.064;
const hopShare = 1 / 4;
// Decibels below a sine of full scale, in the scaling of powerSpectrogram.
const floorDecibels = -80;

/**
 * Log-spectral distance of two recordings (Gray and Markel, 1976), in dB: the root mean square over frequency of the
 * difference between their spectra in dB, averaged over time,
 *
 *     1/T Σ_t √( 1/K Σ_k (10 log₁₀ max(P[t,k], ε) − 10 log₁₀ max(P′[t,k], ε))² )
 *
 * with P, P′ from `powerSpectrogram`: Hann windows of 64 ms (the nearest power of two in samples: 1,024 at 16 kHz) with
 * a step of a quarter window, and all bins from 0 Hz to half the rate. ε is 80 dB below a sine of full scale, about the
 * noise level of 8-bit mu-law: without it, the inaudible silence between notes would dominate.
 *
 * It ignores phase but includes level: a recording 6 dB louder is 6 dB away.
 *
 * @param reference samples `[time]` in [−1, 1]: the original
 * @param other `[time]`: its reconstruction, at the same rate
 * @param rate sample rate, in Hz
 * @returns 0 for equal recordings; the distance is symmetric
 * @throws RangeError if the recordings differ in length or are shorter than a frame, if the reference is silent
 *   (nowhere above ε), or if a sample is not finite
 */
export function logSpectralDistance(reference: Float32Array, other: Float32Array, rate: number): number {
  const stream = new LogSpectralDistance(rate);
  assertComparable('logSpectralDistance', reference, other, { rate, least: stream.least });
  stream.push(reference, other);
  return stream.end();
}

/** The distance of two recordings that come in pieces, in memory that does not grow with their length. */
export class LogSpectralDistance {
  /** Fewest samples that have a distance. */
  readonly least: number;
  private readonly reference: PowerFrames;
  private readonly other: PowerFrames;
  private received = 0;
  private total = 0;
  private frames = 0;
  private isSilent = true;

  /** @param rate sample rate, in Hz */
  constructor(rate: number) {
    this.least = 2 ** Math.round(Math.log2(frameSeconds * rate));
    this.reference = new PowerFrames(this.least, this.least * hopShare);
    this.other = new PowerFrames(this.least, this.least * hopShare);
  }

  /** Adds samples, `[time]` of both. */
  push(reference: Float32Array, other: Float32Array): void {
    this.received += reference.length;
    this.add(this.reference.push(reference), this.other.push(other));
  }

  /** Ends both. @returns the distance, in dB @throws RangeError if they are too short, or the reference is silent */
  end(): number {
    if (this.received < this.least) {
      throw new RangeError(
        `logSpectralDistance: the recordings have ${this.received} samples, but it needs ${this.least}`,
      );
    }
    this.add(this.reference.end(), this.other.end());
    if (this.isSilent) {
      throw new RangeError(`logSpectralDistance: the reference is nowhere above ${floorDecibels} dB`);
    }
    return this.total / this.frames;
  }

  private add(references: Iterable<Float32Array>, others: Iterator<Float32Array>): void {
    for (const reference of references) {
      const of = decibels(reference);
      const from = decibels(others.next().value as Float32Array);
      this.isSilent &&= of.every((level) => level === floorDecibels);
      let squares = 0;
      for (let bin = 0; bin < of.length; bin++) squares += (of[bin] - from[bin]) ** 2;
      this.total += Math.sqrt(squares / of.length);
      this.frames++;
    }
    others.next(); // lets the other stream keep the rest of its samples
  }
}

function decibels(power: Float32Array): Float64Array {
  const { log10, max } = Math;
  return Float64Array.from(power, (value) => max(floorDecibels, 10 * log10(value)));
}
