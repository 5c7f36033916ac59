import { asFileError, UserError } from '@fermata/core';

import { toInt16, type AudioEncoder, type EncoderOptions } from './encoder';
import { flacEncoder } from './flac';
import { audioFormatOf, type AudioFormat } from './format';
import { mp3Encoder } from './mp3';
import { oggEncoder } from './ogg';
import { isSeekable, openFile, openStandardOutput, type Target } from './target';
import { WavEncoder } from './wav';

/** Writes a recording piece by piece, in constant memory. */
export interface AudioWriter {
  /** True while a reader may exist: false once the program at the other end of a pipe is gone. */
  readonly hasReader: boolean;
  /**
   * Appends samples, rounded to 16 bits. Calls may overlap; the caller may change the samples as soon as this returns
   * its promise. Samples for a pipe without a reader are dropped silently: check `hasReader`.
   *
   * @param samples `[time]` for mono, `[time, channel]` for stereo, in [−1, 1]; samples beyond are clipped
   * @throws UserError if the disk is full, and if a WAV file would grow beyond 4 GiB
   * @throws RangeError for NaN, without writing anything
   */
  write(samples: Float32Array): Promise<void>;
  /**
   * Ends the file, so that it plays with every sample so far. Further calls do nothing. After a `write` that failed on
   * a full disk, it leaves the contents on disk.
   *
   * @throws UserError if the disk is full
   */
  close(): Promise<void>;
}

export interface AudioWriterOptions {
  /** Sample rate in Hz. */
  readonly rate: number;
  /** Number of channels, 1 by default. */
  readonly channels?: 1 | 2;
  /** Format for standard output, WAV by default. For a file, the name decides. */
  readonly format?: AudioFormat | undefined;
  /** True for a recording, which may be trained on: the file has no mark of Fermata. False by default. */
  readonly isRecording?: boolean;
}

// Most samples that an encoder gets at once, so that its memory stays small for any `write`.
const pieceSamples = 1 << 14;

/**
 * Begins a recording, in the format that the name of its file asks for.
 *
 *     const writer = await openAudioWriter('take.flac', { rate: 16000 });
 *     try {
 *       for await (const samples of music) await writer.write(samples);
 *     } finally {
 *       await writer.close();
 *     }
 *
 * The file has its own name from the first, in the place of any file of that name: where the process is killed, it keeps
 * what was made. A WAV file then plays up to the last `write`; FLAC and MP3 play but for the last fraction of a second,
 * and Ogg Vorbis for the last seconds, in players that do not insist on its end mark.
 *
 * The file names Fermata as its program, by which ingestion leaves it out: models must not be trained on their own music.
 *
 * WAV holds at most 4 GiB (37 hours at 16 kHz, mono): `write` refuses to go on from there. On standard output a WAV header
 * cannot know the length, and says 0xFFFFFFFF, which programs that read pipes understand; there is no limit then.
 *
 * @param target path of the file, or `-` for standard output
 * @throws UserError when the name has none of {@link writableExtensions}, when `format` contradicts it, when the format
 *   does not have the sample rate, when the file cannot be written, and when standard output is a terminal
 * @throws RangeError for a sample rate that is no positive whole number
 */
export async function openAudioWriter(
  target: string,
  { rate, channels = 1, format, isRecording = false }: AudioWriterOptions,
): Promise<AudioWriter> {
  if (!Number.isInteger(rate) || rate < 1) throw new RangeError(`a sample rate of ${rate} Hz`);
  const isFile = target !== '-';
  const chosen = isFile ? audioFormatOf(target) : (format ?? 'wav');
  if (format !== undefined && format !== chosen) {
    throw new UserError(
      `${target}: the name selects ${chosen}, but the format is set to ${format}.`,
      `End the name in .${format}.`,
    );
  }
  const seekable = isSeekable(target);
  const name = isFile ? target : 'standard output';
  // Creates the encoder first: if it refuses the sample rate, an existing file stays unchanged.
  const encoder = await encoders[chosen]({ name, rate, channels, seekable, marked: !isRecording });
  try {
    const writer = new EncodedWriter(
      encoder,
      isFile ? openFile(target) : openStandardOutput(),
      channels,
      seekable,
    );
    await writer.begin();
    return writer;
  } catch (error) {
    encoder.finish(); // frees its memory
    throw error;
  }
}

const encoders: Readonly<
  Record<AudioFormat, (options: EncoderOptions) => AudioEncoder | Promise<AudioEncoder>>
> = {
  wav: (options) => new WavEncoder(options),
  flac: flacEncoder,
  mp3: mp3Encoder,
  ogg: oggEncoder,
};

class EncodedWriter implements AudioWriter {
  /** Resolves when the calls so far are done. */
  private done: Promise<void> = Promise.resolve();
  private header: Uint8Array = new Uint8Array(0);
  private failure: { readonly reason: unknown } | undefined;
  private isClosed = false;
  private isGone = false;

  constructor(
    private readonly encoder: AudioEncoder,
    private readonly target: Target,
    private readonly channels: number,
    private readonly seekable: boolean,
  ) {}

  get hasReader(): boolean {
    return !this.isGone;
  }

  /** Writes the bytes before the samples. */
  async begin(): Promise<void> {
    this.header = this.encoder.header();
    await this.send(this.header).catch((error: unknown) => {
      this.target.close();
      throw error;
    });
  }

  async write(samples: Float32Array): Promise<void> {
    if (samples.length % this.channels !== 0) {
      throw new RangeError(`${samples.length} samples are no whole frames of ${this.channels} channels`);
    }
    const rounded = toInt16(samples);
    await this.inTurn(async () => {
      if (this.isClosed) throw new Error(`${this.target.name} is closed: nothing can be written`);
      for (let from = 0; from < rounded.length; from += pieceSamples) {
        await this.send(this.encoder.encode(rounded.subarray(from, from + pieceSamples)));
        await this.refreshHeader();
      }
    });
  }

  async close(): Promise<void> {
    await this.inTurn(async () => {
      if (this.isClosed) return;
      this.isClosed = true;
      const rest = this.encoder.finish();
      try {
        if (this.failure !== undefined) return;
        await this.send(rest);
        await this.refreshHeader();
      } finally {
        this.target.close();
      }
    });
  }

  private async inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.done.then(work);
    this.done = result.catch(() => undefined);
    await result;
  }

  private async send(bytes: Uint8Array): Promise<void> {
    if (this.failure !== undefined) throw this.failure.reason;
    if (this.isGone || bytes.length === 0) return;
    await this.attempt(() => this.target.append(bytes));
  }

  private async refreshHeader(): Promise<void> {
    if (!this.seekable) return;
    const header = this.encoder.header();
    if (Buffer.compare(header, this.header) === 0) return;
    await this.attempt(() => {
      this.target.rewrite(header);
    });
    this.header = header;
  }

  private async attempt(work: () => Promise<void> | void): Promise<void> {
    try {
      await work();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EPIPE') {
        this.isGone = true;
        return;
      }
      this.failure = { reason: asFileError(error, this.target.name) };
      throw this.failure.reason;
    }
  }
}
