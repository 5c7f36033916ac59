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
  if (!Number.isInteger(hop) || hop < 1)
    throw new RangeError(`powerSpectrogram: hop ${hop} is not a positive integer`);
  if (!Number.isInteger(size) || size < 4 || (size & (size - 1)) !== 0) {
    throw new RangeError(`powerSpectrogram: size ${size} is not a power of two from 4 up`);
  }
  const window = hannWindow(size);
  const gain = 2 / window.reduce((sum, value) => sum + value, 0);
  const frames = Math.ceil(samples.length / hop) + 1;
  const bins = size / 2 + 1;
  const power = new Float32Array(frames * bins);
  const fft = new FFT(size);
  const input = new Float64Array(size);
  const spectrum = fft.createComplexArray();
  for (let frame = 0; frame < frames; frame++) {
    const start = frame * hop - size / 2;
    for (let i = 0; i < size; i++) input[i] = gain * window[i] * (samples[start + i] ?? 0);
    fft.realTransform(spectrum, input);
    for (let bin = 0; bin < bins; bin++) {
      power[frame * bins + bin] = spectrum[2 * bin] ** 2 + spectrum[2 * bin + 1] ** 2;
    }
  }
  return { power, frames, bins };
}

// Periodic, not symmetric: its copies shifted by size / 4 add up to a constant.
function hannWindow(size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size));
}
