import { logSpectralDistance } from './logSpectralDistance';
import { loudnessDeviation } from './loudnessDeviation';

/** The distances of a reconstruction from its original, in dB; null where one of the two is silent or too short. */
export interface Distances {
  readonly logSpectralDistance: number | null;
  /** Standard deviation over time of the difference in loudness. */
  readonly loudnessDeviation: number | null;
}

/** The distances of two waveforms `[time]` of one length, at `rate` samples a second. */
export function distancesOf(original: Float32Array, reconstruction: Float32Array, rate: number): Distances {
  const distance = (measure: typeof logSpectralDistance) => {
    try {
      return measure(original, reconstruction, rate);
    } catch (error) {
      if (error instanceof RangeError) return null;
      throw error;
    }
  };
  return {
    logSpectralDistance: distance(logSpectralDistance),
    loudnessDeviation: distance(loudnessDeviation),
  };
}

/** `log-spectral distance 7.79 dB, loudness deviation 0.87 dB`. */
export function describeDistances(distances: Distances): string {
  const inDecibels = (value: number | null) => (value === null ? 'undefined' : `${value.toFixed(2)} dB`);
  return (
    `log-spectral distance ${inDecibels(distances.logSpectralDistance)}, ` +
    `loudness deviation ${inDecibels(distances.loudnessDeviation)}`
  );
}
