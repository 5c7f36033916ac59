import FFT from 'fft.js';

/** Power over time and frequency. */
export interface PowerSpectrogram {
  /** `[frames, bins]`, row by row. A sine of full scale in the middle of a bin has power 1. */
  readonly power: Float32Array;
  readonly frames: number;
  /** `size / 2 + 1`: bin `i` is at `i · rate / size` Hz. */
  readonly bins: number;
}

/**
 * Power of the short-time Fourier transform: `|2 / Σw · Σ_n x[n] w[n − t·hop] e^{−2πi kn / size}|²` with a Hann window
 * `w`. Frame `t` is centred on sample `t · hop`; zeros extend the signal on both sides.
 *
 * @param samples `[time]`
 * @param size samples per frame, a power of two
 * @param hop samples from one frame to the next
 * @throws RangeError unless size is a power of two from 4 up and hop is a positive integer
 */
export function powerSpectrogram(samples: Float32Array, size: number, hop: number): PowerSpectrogram {
  const stream = new PowerFrames(size, hop);
  const frames = Math.ceil(samples.length / hop) + 1;
  const { bins } = stream;
  const power = new Float32Array(frames * bins);
  let frame = 0;
  for (const found of [stream.push(samples), stream.end()]) {
    for (const values of found) power.set(values, bins * frame++);
  }
  return { power, frames, bins };
}

/** The frames of `powerSpectrogram` of a signal that comes in pieces, in memory that does not grow with its length. */
export class PowerFrames {
  readonly bins: number;
  private readonly window: Float64Array;
  private readonly fft: FFT;
  private readonly input: Float64Array;
  private readonly spectrum: number[];
  // The samples from the beginning of the next frame on, or the number of those before it that are still to come.
  private kept: Float32Array;
  private missing = 0;
  private received = 0;
  private frames = 0;

  /** @throws RangeError unless size is a power of two from 4 up and hop is a positive integer */
  constructor(
    private readonly size: number,
    private readonly hop: number,
  ) {
    if (!Number.isInteger(hop) || hop < 1)
      throw new RangeError(`powerSpectrogram: hop ${hop} is not a positive integer`);
    if (!Number.isInteger(size) || size < 4 || (size & (size - 1)) !== 0) {
      throw new RangeError(`powerSpectrogram: size ${size} is not a power of two from 4 up`);
    }
    this.bins = size / 2 + 1;
    const window = hannWindow(size);
    const gain = 2 / window.reduce((sum, value) => sum + value, 0);
    this.window = window.map((value) => gain * value);
    this.fft = new FFT(size);
    this.input = new Float64Array(size);
    this.spectrum = this.fft.createComplexArray() as number[];
    this.kept = new Float32Array(size / 2);
  }

  /** Adds samples `[time]`. @returns the frames that are complete, `[bins]` each */
  *push(samples: Float32Array): Generator<Float32Array> {
    this.received += samples.length;
    yield* this.framesOf(samples, Infinity);
  }

  /** Ends the signal. @returns the last frames, `[bins]` each */
  *end(): Generator<Float32Array> {
    const total = Math.ceil(this.received / this.hop) + 1;
    yield* this.framesOf(new Float32Array((total - this.frames) * this.hop + this.size), total);
  }

  private *framesOf(samples: Float32Array, most: number): Generator<Float32Array> {
    const { size, hop, kept } = this;
    const joined = new Float32Array(kept.length + samples.length);
    joined.set(kept);
    joined.set(samples, kept.length);
    let start = this.missing;
    for (; start + size <= joined.length && this.frames < most; start += hop) {
      yield this.powerOf(joined, start);
      this.frames++;
    }
    this.kept = joined.slice(start);
    this.missing = Math.max(0, start - joined.length);
  }

  private powerOf(samples: Float32Array, start: number): Float32Array {
    const { size, bins, window, input, spectrum } = this;
    for (let i = 0; i < size; i++) input[i] = window[i] * samples[start + i];
    this.fft.realTransform(spectrum, input);
    return Float32Array.from(
      { length: bins },
      (_, bin) => spectrum[2 * bin] ** 2 + spectrum[2 * bin + 1] ** 2,
    );
  }
}

// Periodic, not symmetric: its copies shifted by size / 4 add up to a constant.
function hannWindow(size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size));
}
