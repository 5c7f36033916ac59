// Half the length of the filter, in input samples, and the frequency at which it is 6 dB down, as a share of the output
// rate. From 44.1 kHz to 16 kHz it passes up to 6.5 kHz and stops, by 74 dB, from 8.4 kHz on: the aliases fall where a
// piano has next to no energy.
const reach = 64;
const cutoff = 7500 / 16000;

/** Interpolator that advances `step` input samples per output sample, band-limited for the output rate. */
export interface Interpolator {
  readonly phases: number;
  /** Step from one output sample to the next, in units of 1 / phases input samples. */
  readonly stride: number;
  /** `[phases, 2 · reach]` */
  readonly coefficients: Float64Array;
}

/**
 * Designs a filter that changes rate and pitch at once: played at `toRate`, its output sounds `semitones` above the
 * input recorded at `fromRate`. The step is rounded to a fraction with a denominator of at most 512, less than 0.01
 * cents off.
 */
export function interpolator(fromRate: number, toRate: number, semitones: number): Interpolator {
  const step = (fromRate / toRate) * 2 ** (semitones / 12);
  const phases = nearestFraction(step, 512);
  const taps = 2 * reach;
  const frequency = (cutoff * toRate) / fromRate / 2 ** (semitones / 12); // cycles per input sample
  const coefficients = new Float64Array(phases * taps);
  for (let phase = 0; phase < phases; phase++) {
    for (let tap = 0; tap < taps; tap++) {
      const distance = tap + 1 - reach - phase / phases;
      coefficients[phase * taps + tap] =
        2 * frequency * sinc(2 * frequency * distance) * blackman(distance / reach);
    }
  }
  return { phases, stride: Math.round(step * phases), coefficients };
}

/**
 * Computes output samples of an interpolator.
 *
 * @param samples `[time]`, silent before and after
 * @param start input sample at which output sample 0 lies
 * @returns `[length]`
 */
export function interpolate(
  { phases, stride, coefficients }: Interpolator,
  samples: Float32Array,
  start: number,
  length: number,
): Float32Array {
  const taps = 2 * reach;
  const last = start + Math.ceil((length * stride) / phases);
  const padded = new Float64Array(last - start + 2 * taps);
  const from = Math.max(0, start - taps);
  padded.set(samples.subarray(from, last + taps), from - (start - taps));
  const output = new Float32Array(length);
  for (let n = 0; n < length; n++) {
    const phase = (n * stride) % phases;
    const first = (n * stride - phase) / phases + taps - reach + 1;
    const row = phase * taps;
    // Uses four sums, so that one addition need not wait for the last.
    let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
    for (let tap = 0; tap < taps; tap += 4) {
      sum0 += coefficients[row + tap] * padded[first + tap];
      sum1 += coefficients[row + tap + 1] * padded[first + tap + 1];
      sum2 += coefficients[row + tap + 2] * padded[first + tap + 2];
      sum3 += coefficients[row + tap + 3] * padded[first + tap + 3];
    }
    output[n] = sum0 + sum1 + sum2 + sum3;
  }
  return output;
}

/** Denominator, at most `largest`, of the fraction nearest to a number. */
function nearestFraction(value: number, largest: number): number {
  let best = 1;
  for (let denominator = 1; denominator <= largest; denominator++) {
    if (error(value, denominator) < error(value, best)) best = denominator;
  }
  return best;
}

function error(value: number, denominator: number): number {
  // The second term favours the smallest of equals.
  return Math.abs(value - Math.round(value * denominator) / denominator) + 1e-12 * denominator;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Blackman's window over −1 … 1. */
function blackman(x: number): number {
  return Math.abs(x) >= 1 ? 0 : 0.42 + 0.5 * Math.cos(Math.PI * x) + 0.08 * Math.cos(2 * Math.PI * x);
}
