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
  const stream = new LoudnessDeviation(rate);
  assertComparable('loudnessDeviation', reference, other, { rate, least: stream.least });
  stream.push(reference, other);
  return stream.end();
}

/** The deviation of two recordings that come in pieces; memory grows by 80 bytes for each second. */
export class LoudnessDeviation {
  /** Fewest samples that have a deviation. */
  readonly least: number;
  private readonly size: number;
  private readonly hop: number;
  private readonly differences: number[] = [];
  // The samples from the beginning of the next frame on.
  private kept: readonly Float32Array[] = [new Float32Array(0), new Float32Array(0)];

  /** @param rate sample rate, in Hz */
  constructor(rate: number) {
    [this.size, this.hop] = [frameSeconds, hopSeconds].map((seconds) => Math.round(seconds * rate));
    this.least = this.size + this.hop;
  }

  /** Adds samples, `[time]` of both. */
  push(reference: Float32Array, other: Float32Array): void {
    const [of, from] = [reference, other].map((samples, index) => joined(this.kept[index], samples));
    let start = 0;
    for (; start + this.size <= of.length; start += this.hop) {
      const [level, otherLevel] = [of, from].map((samples) =>
        levelOf(samples.subarray(start, start + this.size)),
      );
      if (level >= gateDecibels) this.differences.push(Math.max(gateDecibels, otherLevel) - level);
    }
    this.kept = [of.slice(start), from.slice(start)];
  }

  /** Ends both. @returns the deviation, in dB @throws RangeError if fewer than two frames are above the gate */
  end(): number {
    const { differences } = this;
    if (differences.length < 2) {
      throw new RangeError(
        `loudnessDeviation: ${differences.length} frames of the reference are above ${gateDecibels} dB, but it needs two`,
      );
    }
    const mean = meanOf(differences);
    return Math.sqrt(meanOf(differences.map((difference) => (difference - mean) ** 2)));
  }
}

function joined(before: Float32Array, after: Float32Array): Float32Array {
  const whole = new Float32Array(before.length + after.length);
  whole.set(before);
  whole.set(after, before.length);
  return whole;
}

function levelOf(samples: Float32Array): number {
  let squares = 0;
  for (const sample of samples) squares += sample * sample;
  return 10 * Math.log10(squares / samples.length);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
