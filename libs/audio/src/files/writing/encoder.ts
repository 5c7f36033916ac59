import { UserError } from '@fermata/core';

/** Settings that an encoder needs before the first sample. */
export interface EncoderOptions {
  /** Name of the target, for errors. */
  readonly name: string;
  /** Sample rate in Hz. */
  readonly rate: number;
  readonly channels: 1 | 2;
  /** True if the encoder's caller can rewrite the beginning later; false for a pipe. */
  readonly seekable: boolean;
  /** True for a file that names Fermata as its program, so that it is never taken for a recording. */
  readonly marked: boolean;
}

/** Encodes samples to the bytes of one kind of file, piece by piece, in constant memory. */
export interface AudioEncoder {
  /**
   * Returns the first bytes of the file, right for all samples so far. Their number, possibly 0, is the same at every
   * call. The writer of a target that is not seekable takes them once, before the first sample.
   */
  header(): Uint8Array;
  /**
   * Returns the bytes after those of the last call; the encoder may hold some back.
   *
   * @param samples `[time]` for mono, `[time, channel]` for stereo, 16-bit
   */
  encode(samples: Int16Array): Uint8Array;
  /** Returns the bytes held back, and frees memory. Only `header` may be called afterwards. */
  finish(): Uint8Array;
}

const fullScale = 0x8000;

/**
 * Rounds samples to 16 bits.
 *
 * @param samples `[time]` in [−1, 1]; samples beyond are clipped
 * @throws RangeError for NaN
 */
export function toInt16(samples: Float32Array): Int16Array {
  const rounded = new Int16Array(samples.length);
  for (let t = 0; t < samples.length; t++) {
    if (Number.isNaN(samples[t])) throw new RangeError(`sample ${t} is NaN`);
    rounded[t] = Math.max(-fullScale, Math.min(fullScale - 1, Math.round(samples[t] * fullScale)));
  }
  return rounded;
}

/** Splits 16-bit samples `[time, channel]` into floats, each channel `[time]`; full scale becomes `gain`. */
export function toChannels(samples: Int16Array, channels: number, gain = 1): Float32Array[] {
  return Array.from({ length: channels }, (_, channel) => {
    const one = new Float32Array(samples.length / channels);
    for (let t = 0; t < one.length; t++) one[t] = (gain * samples[t * channels + channel]) / fullScale;
    return one;
  });
}

/** Makes the error for a sample rate that a format lacks; `rates` names those that it has. */
export function unsupportedRate({ name, rate }: EncoderOptions, format: string, rates: string): UserError {
  return new UserError(
    `${name}: ${format} cannot have a sample rate of ${rate} Hz, only ${rates}.`,
    'Write WAV, which supports any rate.',
  );
}
