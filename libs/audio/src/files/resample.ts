// The filter passes up to this share of the lower Nyquist frequency, and stops everything above that frequency.
const passband = 0.94;
const stopbandDecibels = 100;

/**
 * Changes the sample rate, band-limited: frequencies above half the lower of the two rates are removed, at least 100 dB
 * down, and those below 94% of that pass unchanged. Output sample `n` is at the time n / toRate exactly, so there is no
 * delay. Between equal rates samples do not change.
 *
 * @param samples `[time]` at `fromRate` Hz
 * @returns `[⌈time · toRate / fromRate⌉]` at `toRate` Hz
 * @throws RangeError for rates that are not whole numbers of hertz
 */
export function resample(samples: Float32Array, fromRate: number, toRate: number): Float32Array {
  const resampler = new Resampler(fromRate, toRate);
  return concatenate([resampler.push(samples), resampler.end()]);
}

/** Resamples audio block by block: the joined blocks of output equal the output of {@link resample}. */
export class Resampler {
  private readonly phases: number;
  private readonly step: number;
  private readonly filter: PolyphaseFilter;
  /** Input from `origin` on; earlier input is no longer needed. */
  private kept: Float64Array;
  private origin: number;
  private received = 0;
  private produced = 0;

  constructor(fromRate: number, toRate: number) {
    for (const rate of [fromRate, toRate]) {
      if (!Number.isInteger(rate) || rate < 1)
        throw new RangeError(`a sample rate of ${rate} Hz cannot be resampled`);
    }
    const divisor = greatestCommonDivisor(fromRate, toRate);
    this.phases = toRate / divisor;
    this.step = fromRate / divisor;
    this.filter = filterOf(this.phases, this.step);
    // Silence before the beginning.
    this.kept = new Float64Array(this.filter.taps);
    this.origin = -this.filter.taps;
  }

  push(samples: Float32Array): Float32Array {
    if (this.phases === this.step) return samples;
    this.keep(samples);
    return this.produce(this.received - this.filter.taps / 2);
  }

  end(): Float32Array {
    if (this.phases === this.step) return new Float32Array(0);
    const end = this.received;
    this.keep(new Float32Array(this.filter.taps)); // silence after the end
    return this.produce(end);
  }

  private keep(samples: Float32Array): void {
    const joined = new Float64Array(this.kept.length + samples.length);
    joined.set(this.kept);
    joined.set(samples, this.kept.length);
    this.kept = joined;
    this.received += samples.length;
  }

  // Produces all output before the time of input sample `end`.
  private produce(end: number): Float32Array {
    const { phases, step, kept } = this;
    const { taps } = this.filter;
    const until = Math.max(this.produced, Math.ceil((end * phases) / step));
    const output = new Float32Array(until - this.produced);
    for (let i = 0; i < output.length; i++) {
      const time = (this.produced + i) * step; // in 1 / phases of an input sample
      const phase = time % phases;
      const first = (time - phase) / phases - taps / 2 + 1 - this.origin;
      const { coefficients, start } = this.filter.row(phase);
      output[i] = dot(coefficients, start, kept, first, taps);
    }
    this.produced = until;
    const needed = Math.floor((until * step) / phases) - taps / 2 + 1;
    this.kept = kept.slice(needed - this.origin);
    this.origin = needed;
    return output;
  }
}

interface PolyphaseFilter {
  /** Number of input samples for each output sample, a multiple of 4. */
  readonly taps: number;
  /** The `taps` coefficients of a phase: they give the value at phase / phases between two input samples. */
  row(phase: number): { readonly coefficients: Float64Array; readonly start: number };
}

// Rates with a small common divisor need many phases. Beyond so many coefficients (16 MB) each phase is computed when it
// is used, from a finely sampled window.
const mostCoefficients = 1 << 21;

// Keeps the latest filter: most recordings have the rate of the last one, and making a filter takes longer than
// filtering a second of music.
let latest: { phases: number; step: number; filter: PolyphaseFilter } | undefined;

function filterOf(phases: number, step: number): PolyphaseFilter {
  if (latest?.phases !== phases || latest.step !== step) {
    latest = { phases, step, filter: polyphaseFilter(phases, step) };
  }
  return latest.filter;
}

/**
 * Makes a sinc under a Kaiser window, sampled for each phase. Kaiser's formulas give length and shape of the window
 * (Oppenheim and Schafer, Discrete-Time Signal Processing, section 7.5.3).
 */
function polyphaseFilter(phases: number, step: number): PolyphaseFilter {
  // Frequencies in cycles per input sample.
  const stop = 0.5 * Math.min(1, phases / step);
  const cutoff = (stop * (1 + passband)) / 2;
  const transition = 2 * Math.PI * stop * (1 - passband);
  const beta = 0.1102 * (stopbandDecibels - 8.7);
  const height = bessel(beta);
  const taps = 4 * Math.ceil((stopbandDecibels - 8) / (2.285 * transition) / 4);

  const fill = (row: Float64Array, at: number, phase: number, windowAt: (edge: number) => number) => {
    for (let tap = 0; tap < taps; tap++) {
      const distance = tap + 1 - taps / 2 - phase / phases;
      const edge = Math.abs((2 * distance) / taps);
      const window = edge >= 1 ? 0 : windowAt(edge);
      row[at + tap] = 2 * cutoff * sinc(2 * cutoff * distance) * window;
    }
  };
  const kaiser = (edge: number) => bessel(beta * Math.sqrt(1 - edge * edge)) / height;
  if (phases * taps <= mostCoefficients) {
    const coefficients = new Float64Array(phases * taps);
    for (let phase = 0; phase < phases; phase++) fill(coefficients, phase * taps, phase, kaiser);
    return { taps, row: (phase) => ({ coefficients, start: phase * taps }) };
  }
  const window = interpolated(kaiser);
  const coefficients = new Float64Array(taps);
  return {
    taps,
    row: (phase) => {
      fill(coefficients, 0, phase, window);
      return { coefficients, start: 0 };
    },
  };
}

/** A smooth function on 0 … 1 from a table, by lines between its points: within 1e-7 for the windows here. */
function interpolated(exact: (x: number) => number): (x: number) => number {
  const points = 1 << 13;
  const table = Float64Array.from({ length: points + 1 }, (_, index) => exact(index / points));
  return (x) => {
    const place = x * points;
    const index = Math.floor(place);
    return table[index] + (place - index) * (table[index + 1] - table[index]);
  };
}

// Adds up four sums, so that an addition need not wait for the previous one.
function dot(a: Float64Array, aStart: number, b: Float64Array, bStart: number, length: number): number {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  for (let i = 0; i < length; i += 4) {
    sum0 += a[aStart + i] * b[bStart + i];
    sum1 += a[aStart + i + 1] * b[bStart + i + 1];
    sum2 += a[aStart + i + 2] * b[bStart + i + 2];
    sum3 += a[aStart + i + 3] * b[bStart + i + 3];
  }
  return sum0 + sum1 + (sum2 + sum3);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Computes the modified Bessel function of the first kind and order zero, by its power series. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Joins blocks. */
export function concatenate(blocks: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let length = 0;
  for (const block of blocks) {
    joined.set(block, length);
    length += block.length;
  }
  return joined;
}
