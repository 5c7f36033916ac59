import type { Codes, CodesOptions, Measured } from './readRecording';
import type { Reply, Request } from './messages';
import { ReadingThread, ThreadLost } from './thread';

export interface ReaderOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads recordings and MIDI files in a thread of its own, one at a time. Whatever a damaged file does to a decoder, it
 * costs this file alone: an endless loop ends after five seconds, and the caller's thread stays free for Ctrl-C.
 *
 *     const reader = new RecordingReader();
 *     try {
 *       const { codes } = await reader.codes('take.wav', { sampleRate: 16000, symbols: 256, pianoFolder });
 *     } finally {
 *       await reader.close();
 *     }
 */
export class RecordingReader {
  private thread: ReadingThread | undefined;

  /**
   * Reads the length of a recording from its header, or a whole MIDI file.
   *
   * @throws UserError if the file cannot be used
   * @throws the signal's reason if it is aborted
   */
  async measure(path: string, { signal }: ReaderOptions = {}): Promise<Measured> {
    const reply = await this.ask({ kind: 'measure', path }, signal);
    if (reply.kind !== 'measured') throw new Error(`measure: the thread answered '${reply.kind}'`);
    return reply.measured;
  }

  /** Reads a recording, or plays a MIDI file, as mu-law codes. @throws as {@link measure} does */
  async codes(path: string, { signal, onDecoded, ...options }: CodesOptions & ReaderOptions): Promise<Codes> {
    const reply = await this.ask({ kind: 'codes', path, options }, signal, onDecoded);
    if (reply.kind !== 'read') throw new Error(`codes: the thread answered '${reply.kind}'`);
    return { codes: reply.codes, notes: reply.notes };
  }

  /** Ends the thread. The next request starts another. */
  async close(): Promise<void> {
    const { thread } = this;
    this.thread = undefined;
    await thread?.end();
  }

  private async ask(
    request: Request,
    signal?: AbortSignal,
    onDecoded?: (seconds: number) => void,
  ): Promise<Reply> {
    signal?.throwIfAborted();
    this.thread ??= new ReadingThread();
    try {
      return await this.thread.ask(request, signal, onDecoded);
    } catch (error) {
      if (!(error instanceof ThreadLost)) throw error;
      await this.close();
      throw error.reason;
    }
  }
}

/**
 * Reads one recording, or plays one MIDI file, as mu-law codes, in a thread of its own.
 *
 * @throws UserError if the file cannot be used
 */
export async function loadCodes(path: string, options: CodesOptions & ReaderOptions): Promise<Codes> {
  const reader = new RecordingReader();
  try {
    return await reader.codes(path, options);
  } finally {
    await reader.close();
  }
}
