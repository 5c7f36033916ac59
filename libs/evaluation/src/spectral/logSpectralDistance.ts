import { powerSpectrogram } from '@fermata/audio';

import { assertComparable } from './assertComparable';

// Of a frame, and of the step from one frame to the next in frames.
const frameSeconds = 0.064;
const hopShare = 1 / 4;
// In dB below a sine of full scale, as powerSpectrogram scales it.
const floorDecibels = -80;

/**
 * The log-spectral distance of two recordings (Gray and Markel, 1976), in dB: the root mean square over frequency of the
 * difference of their spectra in dB, averaged over time,
 *
 *     1/T Σ_t √( 1/K Σ_k (10 log₁₀ max(P[t,k], ε) − 10 log₁₀ max(P′[t,k], ε))² )
 *
 * with P, P′ of `powerSpectrogram`: Hann windows of 64 ms (the power of two of samples that is nearest: 1,024 at 16 kHz),
 * a quarter of that from one to the next, all bins from 0 Hz to half the rate. ε is 80 dB below a sine of full scale, about
 * where the noise of 8 bits of mu-law lies: without it the silence between notes, which nobody hears, would decide.
 *
 * It tells nothing of phase, and it sees a change of level: 6 dB louder everywhere is 6 dB away.
 *
 * @param reference samples `[time]` in [−1, 1]: the original
 * @param other `[time]`: its reconstruction, at the same rate
 * @param rate in Hz
 * @returns 0 where they are alike; symmetric
 * @throws RangeError for recordings of different lengths or shorter than a frame, for a reference that is silent (nowhere
 *   above ε), and for samples that are not finite
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
