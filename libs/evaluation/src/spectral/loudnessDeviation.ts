import { assertComparable } from './assertComparable';

// Momentary loudness, as ITU-R BS.1770 and EBU R128 measure it.
const frameSeconds = 0.4;
const hopSeconds = 0.1;
const gateDecibels = -70;

/**
 * How much the loudness of a reconstruction wanders against the original, in dB: the paper finds that AMAE's
 * reconstructions vary in volume (section 4.1). The level of a frame is L = 10 log₁₀ of its mean square, which is −3.01 dB
 * for a sine of full scale; the result is the standard deviation, over frames, of L′ − L.
 *
 * Frames are those of momentary loudness in EBU R128: 400 ms, one every 100 ms, whole ones alone. Frames in which the
 * reference is below −70 dB are left out; where the other is, it counts as −70 dB, so that a note that went missing costs
 * much and not everything. Frequencies are not weighted, unlike in R128. A constant gain is no deviation.
 *
 * @param reference samples `[time]` in [−1, 1]: the original
 * @param other `[time]`: its reconstruction, at the same rate
 * @param rate in Hz
 * @throws RangeError for recordings of different lengths or of fewer than two frames, for a reference of which fewer than
 *   two frames are above the gate, and for samples that are not finite
 */
export function loudnessDeviation(reference: Float32Array, other: Float32Array, rate: number): number {
  const [size, hop] = [frameSeconds, hopSeconds].map((seconds) => Math.round(seconds * rate));
  assertComparable('loudnessDeviation', reference, other, { rate, least: size + hop });
  const differences: number[] = [];
  for (let start = 0; start + size <= reference.length; start += hop) {
    const [level, otherLevel] = [reference, other].map((samples) =>
      levelOf(samples.subarray(start, start + size)),
    );
    if (level >= gateDecibels) differences.push(Math.max(gateDecibels, otherLevel) - level);
  }
  if (differences.length < 2) {
    throw new RangeError(
      `loudnessDeviation: ${differences.length} frames of the reference are above ${gateDecibels} dB, but it takes two`,
    );
  }
  const mean = meanOf(differences);
  return Math.sqrt(meanOf(differences.map((difference) => (difference - mean) ** 2)));
}

function levelOf(samples: Float32Array): number {
  let squares = 0;
  for (const sample of samples) squares += sample * sample;
  return 10 * Math.log10(squares / samples.length);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
