import { UserError, writeFileAtomic } from '@fermata/core';

import { toInt16, type AudioEncoder, type EncoderOptions } from './encoder';
import { wavMark } from './mark';

const bytesPerSample = 2;
// The size in the file's first chunk excludes the first eight bytes, in 32 bits.
const mostSize = 0xffffffff;
// Marks an unknown length, when a program begins to write to a pipe.
const unknownSize = 0xffffffff;

/** RIFF WAVE of 16-bit PCM. Its header is right after every call, so a file is whole at any moment. */
export class WavEncoder implements AudioEncoder {
  private bytes = 0;
  private readonly mark: Uint8Array;
  /** Bytes of the header after the first eight. */
  private readonly rest: number;

  constructor(private readonly options: EncoderOptions) {
    this.mark = options.marked ? wavMark : new Uint8Array(0);
    this.rest = 36 + this.mark.length;
  }

  header(): Uint8Array {
    const { rate, channels, seekable } = this.options;
    const header = Buffer.alloc(8 + this.rest);
    header.write('RIFF', 0, 'latin1');
    header.writeUInt32LE(seekable ? this.rest + this.bytes : unknownSize, 4);
    header.write('WAVEfmt ', 8, 'latin1');
    header.writeUInt32LE(16, 16);
    header.writeUInt16LE(1, 20); // PCM
    header.writeUInt16LE(channels, 22);
    header.writeUInt32LE(rate, 24);
    header.writeUInt32LE(rate * channels * bytesPerSample, 28);
    header.writeUInt16LE(channels * bytesPerSample, 32);
    header.writeUInt16LE(8 * bytesPerSample, 34);
    header.set(this.mark, 36);
    header.write('data', this.rest, 'latin1');
    header.writeUInt32LE(seekable ? this.bytes : unknownSize, this.rest + 4);
    return header;
  }

  /** @throws UserError if the samples would take the file beyond 4 GiB, the most that its header can hold */
  encode(samples: Int16Array): Uint8Array {
    const added = samples.length * bytesPerSample;
    if (this.options.seekable && this.rest + this.bytes + added > mostSize) {
      throw new UserError(
        `${this.options.name}: a WAV file cannot be longer than 4 GiB.`,
        'Write FLAC instead: end the name in .flac.',
      );
    }
    this.bytes += added;
    const bytes = Buffer.alloc(added);
    for (let t = 0; t < samples.length; t++) bytes.writeInt16LE(samples[t], t * bytesPerSample);
    return bytes;
  }

  finish(): Uint8Array {
    return new Uint8Array(0);
  }
}

/** Options of a whole WAV file. */
export interface WavOptions {
  /** True for a recording, which may be trained on: the file has no mark of Fermata. */
  readonly isRecording?: boolean;
}

/**
 * Makes a mono WAV file of 16-bit samples.
 *
 * @param samples `[time]` in [−1, 1]; samples beyond are clipped
 * @param sampleRate in Hz
 * @throws RangeError for NaN
 * @throws UserError for more than 4 GiB
 */
export function encodeWav(
  samples: Float32Array,
  sampleRate: number,
  { isRecording = false }: WavOptions = {},
): Uint8Array {
  const encoder = new WavEncoder({
    name: 'the audio',
    rate: sampleRate,
    channels: 1,
    seekable: true,
    marked: !isRecording,
  });
  const body = encoder.encode(toInt16(samples));
  return Buffer.concat([encoder.header(), body]);
}

/**
 * Writes a mono 16-bit WAV file, completely or not at all. {@link openAudioWriter} writes one piece by piece.
 *
 * @param samples `[time]` in [−1, 1]; samples beyond are clipped
 * @param sampleRate in Hz
 * @throws UserError if the path is not writable
 */
export function writeWav(
  path: string,
  samples: Float32Array,
  sampleRate: number,
  options: WavOptions = {},
): void {
  writeFileAtomic(path, encodeWav(samples, sampleRate, options));
}
