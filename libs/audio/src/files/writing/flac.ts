import { unsupportedRate, type AudioEncoder, type EncoderOptions } from './encoder';
import { flacMark } from './mark';

// The marker 'fLaC' and the STREAMINFO block with its own header (RFC 9639, sections 6 and 8.2).
const headerBytes = 42;
// The last block of metadata, of comments (sections 8.1 and 8.6).
const lastComments = 0x84;
// Default level of the flac program, from 0, fast, to 8, small.
const compressionLevel = 5;

type Codec = typeof import('libflacjs/dist/libflac.min.js');
type StreamInfo = Parameters<Parameters<Codec['init_encoder_stream']>[2] & object>[0] & object;

/**
 * Creates an encoder of Free Lossless Audio Codec, by libFLAC in asm.js: the builds in WebAssembly do not load in Node
 * 18 or later. Until `finish`, the header marks the length as unknown, which players accept.
 *
 * @throws UserError for a sample rate that libFLAC refuses
 */
export async function flacEncoder(options: EncoderOptions): Promise<AudioEncoder> {
  const { default: codec } = await import('libflacjs/dist/libflac.min.js');
  if (!codec.isReady()) {
    await new Promise<void>((resolve) => {
      codec.on('ready', () => {
        resolve();
      });
    });
  }
  return new FlacEncoder(codec, options);
}

class FlacEncoder implements AudioEncoder {
  private readonly stream: number;
  private readonly start: Buffer;
  /** Bytes from libFLAC since the last `take`. */
  private encoded: Uint8Array[] = [];

  constructor(
    private readonly codec: Codec,
    private readonly options: EncoderOptions,
  ) {
    const { rate, channels } = options;
    this.stream = codec.create_libflac_encoder(rate, channels, 16, compressionLevel, 0, false, 0);
    const status =
      this.stream === 0
        ? undefined
        : codec.init_encoder_stream(
            this.stream,
            (bytes) => void this.encoded.push(bytes),
            (info) => {
              if (info !== undefined) this.complete(info);
            },
          );
    if (status !== 0) {
      if (this.stream !== 0) codec.FLAC__stream_encoder_delete(this.stream);
      throw unsupportedRate(options, 'FLAC', 'whole numbers up to 65535, and tens up to 655350');
    }
    const all = this.take();
    this.start = all.subarray(0, headerBytes);
    const comments = all.subarray(headerBytes);
    this.encoded = [options.marked ? withMark(comments) : comments];
  }

  header(): Uint8Array {
    return Uint8Array.from(this.start);
  }

  encode(samples: Int16Array): Uint8Array {
    const frames = samples.length / this.options.channels;
    // libFLAC takes 32 bits per sample, for samples of any size.
    const wide = Int32Array.from(samples);
    if (!this.codec.FLAC__stream_encoder_process_interleaved(this.stream, wide, frames)) {
      throw new Error(
        `libFLAC cannot encode: state ${this.codec.FLAC__stream_encoder_get_state(this.stream)}`,
      );
    }
    return this.take();
  }

  finish(): Uint8Array {
    this.codec.FLAC__stream_encoder_finish(this.stream);
    this.codec.FLAC__stream_encoder_delete(this.stream);
    return this.take();
  }

  private take(): Buffer {
    return Buffer.concat(this.encoded.splice(0));
  }

  /**
   * Fills in the sizes of frames, the number of samples and the checksum, which libFLAC knows at the end (section 8.2).
   */
  private complete({ min_framesize, max_framesize, total_samples, md5sum }: StreamInfo): void {
    this.start.writeUIntBE(min_framesize, 12, 3);
    this.start.writeUIntBE(max_framesize, 15, 3);
    const info = this.start.readBigUInt64BE(18);
    this.start.writeBigUInt64BE(((info >> 36n) << 36n) | BigInt(total_samples), 18);
    this.start.write(md5sum, 26, 'hex');
  }
}

/** Adds the name of the program to libFLAC's block of comments, which holds only the name of the library. */
function withMark(block: Buffer): Buffer {
  const library = block.subarray(4, 8 + block.readUInt32LE(4));
  const [count, size] = [Buffer.alloc(4), Buffer.alloc(4)];
  count.writeUInt32LE(1);
  size.writeUInt32LE(flacMark.length);
  const contents = Buffer.concat([library, count, size, Buffer.from(flacMark)]);
  const header = Buffer.alloc(4);
  header.writeUInt32BE(lastComments * 2 ** 24 + contents.length);
  return Buffer.concat([header, contents]);
}
