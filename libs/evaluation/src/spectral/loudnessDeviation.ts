import { assertComparable } from './assertComparable';

// Momentary loudness of ITU-R BS.1770 and EBU R128.
const frameSeconds = 0.4;
const hopSeconds = 0.1;
const gateDecibels = -70;

/**
 * Variation of a reconstruction's loudness relative to the original, in dB: the paper finds that AMAE's reconstructions
 * vary in volume (section 4.1). The level of a frame is L = 10 log₁₀ of its mean square, which is −3.01 dB for a sine
 * of full scale. The result is the standard deviation, over frames, of L′ − L.
 *
 * Frames are those of momentary loudness in EBU R128: 400 ms, one every 100 ms, only whole ones. Frames whose reference
 * is below −70 dB are left out. A reconstruction below −70 dB counts as −70 dB, which bounds the cost of a missing
 * note. Unlike R128 it does not weight frequencies. A constant gain gives no deviation.
 *
 * @param reference samples `[time]` in [−1, 1]: the original
 * @param other `[time]`: its reconstruction, at the same rate
 * @param rate sample rate, in Hz
 * @throws RangeError if the recordings differ in length or have fewer than two frames, if fewer than two frames of the
 *   reference are above the gate, or if a sample is not finite
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
      `loudnessDeviation: ${differences.length} frames of the reference are above ${gateDecibels} dB, but it needs two`,
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
