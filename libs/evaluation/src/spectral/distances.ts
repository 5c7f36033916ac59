import { assertFinite } from './assertComparable';
import { LogSpectralDistance } from './logSpectralDistance';
import { LoudnessDeviation } from './loudnessDeviation';

/** The distances of a reconstruction from its original, in dB; null where one of the two is silent or too short. */
export interface Distances {
  readonly logSpectralDistance: number | null;
  /** Standard deviation over time of the difference in loudness. */
  readonly loudnessDeviation: number | null;
}

/** Measures the distances of two waveforms that come in pieces, so that hours need hardly more memory than seconds. */
export class DistanceMeter {
  private readonly measures: readonly [LogSpectralDistance, LoudnessDeviation];
  private received = 0;

  /** @param rate samples a second */
  constructor(rate: number) {
    this.measures = [new LogSpectralDistance(rate), new LoudnessDeviation(rate)];
  }

  /**
   * Adds samples, `[time]` of both.
   *
   * @throws RangeError for pieces of different lengths, and for a sample that is not finite
   */
  push(original: Float32Array, reconstruction: Float32Array): void {
    if (original.length !== reconstruction.length) {
      throw new RangeError(`pieces of ${original.length} and ${reconstruction.length} samples`);
    }
    assertFinite('distances', original, reconstruction, this.received);
    this.received += original.length;
    for (const measure of this.measures) measure.push(original, reconstruction);
  }

  /** Ends both waveforms. */
  end(): Distances {
    const [logSpectralDistance, loudnessDeviation] = this.measures.map((measure) => {
      try {
        return measure.end();
      } catch (error) {
        if (error instanceof RangeError) return null;
        throw error;
      }
    });
    return { logSpectralDistance, loudnessDeviation };
  }
}

/** The distances of two waveforms `[time]` of one length, at `rate` samples a second. */
export function distancesOf(original: Float32Array, reconstruction: Float32Array, rate: number): Distances {
  const meter = new DistanceMeter(rate);
  meter.push(original, reconstruction);
  return meter.end();
}

/** `log-spectral distance 7.79 dB, loudness deviation 0.87 dB`. */
export function describeDistances(distances: Distances): string {
  const inDecibels = (value: number | null) => (value === null ? 'undefined' : `${value.toFixed(2)} dB`);
  return (
    `log-spectral distance ${inDecibels(distances.logSpectralDistance)}, ` +
    `loudness deviation ${inDecibels(distances.loudnessDeviation)}`
  );
}
