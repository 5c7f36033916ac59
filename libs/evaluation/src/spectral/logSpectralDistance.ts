import { powerSpectrogram } from '@fermata/audio';

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
  const size = 2 ** Math.round(Math.log2(frameSeconds * rate));
  assertComparable('logSpectralDistance', reference, other, { rate, least: size });
  const spectra = [reference, other].map((samples) => powerSpectrogram(samples, size, size * hopShare));
  const [{ frames, bins }] = spectra;
  const [of, from] = spectra.map(({ power }) => decibels(power));
  if (of.every((level) => level === floorDecibels)) {
    throw new RangeError(`logSpectralDistance: the reference is nowhere above ${floorDecibels} dB`);
  }
  let total = 0;
  for (let frame = 0; frame < frames; frame++) {
    let squares = 0;
    for (let i = frame * bins; i < (frame + 1) * bins; i++) squares += (of[i] - from[i]) ** 2;
    total += Math.sqrt(squares / bins);
  }
  return total / frames;
}

function decibels(power: Float32Array): Float64Array {
  const { log10, max } = Math;
  return Float64Array.from(power, (value) => max(floorDecibels, 10 * log10(value)));
}
