import { logSpectralDistance, loudnessDeviation } from '@fermata/evaluation';

/** How far a reconstruction is from its original, in dB; null where one of them is silent, or too short to be compared. */
export interface Distances {
  readonly logSpectralDistance: number | null;
  /** How much the loudness wanders against the original. */
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
  const inDecibels = (value: number | null) => (value === null ? 'not to be had' : `${value.toFixed(2)} dB`);
  return (
    `log-spectral distance ${inDecibels(distances.logSpectralDistance)}, ` +
    `loudness deviation ${inDecibels(distances.loudnessDeviation)}`
  );
}
