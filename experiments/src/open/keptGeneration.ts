import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';

import { asFileError, canonicalJson, readHead, UserError, type Json } from '@fermata/core';
import { concatChunks, type Kept } from '@fermata/models';
import { z } from 'zod';

/** Increased whenever the layout of the file changes. */
const keptFormat = 'fermata-generation-2';

/** Tells whether a file keeps a generation, of whatever model. */
export function isKeptGeneration(path: string): boolean {
  const start = Buffer.from(`{"format":"${keptFormat}"`);
  return readHead(path, start.length).equals(start);
}

/**
 * A file that keeps a generation while it runs, so that it can continue after a kill. It is JSON lines: the first
 * identifies the generation, and each later one holds symbols of one level, 16 bits each in base64. Level 0 is the
 * audio.
 */
export class KeptGeneration {
  private constructor(
    private readonly path: string,
    /** Symbols kept by earlier processes; undefined if there are none. */
    readonly before: Kept | undefined,
  ) {}

  /**
   * Opens the file, or creates it.
   *
   * @param identity everything that the symbols depend on
   * @param levels number of levels with codes
   * @throws UserError for a file of another generation or of another kind, and for one that is not writable
   */
  static open(path: string, identity: Json, levels: number, streams: number): KeptGeneration {
    const header = { format: keptFormat, generation: identity };
    try {
      if (!existsSync(path)) {
        appendFileSync(path, `${JSON.stringify(header)}\n`);
        return new KeptGeneration(path, undefined);
      }
      const { lines, bytes } = wholeLines(readFileSync(path));
      if (lines.length === 0 || canonicalJson(lines[0]) !== canonicalJson(header)) {
        throw new UserError(
          `${path}: holds the codes of another generation.`,
          'Give the same model, seconds, seed and settings as before, or keep codes in another file.',
        );
      }
      truncateSync(path, bytes); // removes a line that a kill cut short
      return new KeptGeneration(path, keptOf(lines.slice(1) as object as KeptLine[], levels, streams));
    } catch (error) {
      throw asFileError(error, path);
    }
  }

  /** Appends symbols of a level, `[streams]` arrays. @throws UserError if the disk is full */
  add(level: number, symbols: readonly Int32Array[]): void {
    const lines = symbols.map((sequence, stream) =>
      sequence.length === 0
        ? ''
        : `${JSON.stringify({ level, stream, symbols: toBase64(sequence) } satisfies KeptLine)}\n`,
    );
    try {
      appendFileSync(this.path, lines.join(''));
    } catch (error) {
      throw asFileError(error, this.path);
    }
  }
}

const keptLine = z.object({ level: z.int().min(0), stream: z.int().min(0), symbols: z.base64() });
type KeptLine = z.output<typeof keptLine>;

function keptOf(lines: readonly KeptLine[], levels: number, streams: number): Kept {
  const sequences = (level: number): Int32Array[] => {
    const joined = Array.from({ length: streams }, (_, stream) => {
      const parts = lines.filter((line) => line.level === level && line.stream === stream);
      return concatChunks(
        parts.map(({ symbols }) => [fromBase64(symbols)]),
        1,
      )[0];
    });
    // A kill between two streams leaves one ahead.
    const shortest = Math.min(...joined.map(({ length }) => length));
    return joined.map((sequence) => sequence.subarray(0, shortest));
  };
  return {
    symbols: sequences(0),
    codes: Array.from({ length: levels }, (_, level) => sequences(level + 1)),
  };
}

function wholeLines(contents: Buffer): { lines: Json[]; bytes: number } {
  const lines: Json[] = [];
  let bytes = 0;
  for (const line of contents.toString('utf8').split('\n').slice(0, -1)) {
    const value = parseJson(line);
    if (value === undefined || (lines.length > 0 && !keptLine.safeParse(value).success)) break;
    lines.push(value);
    bytes += Buffer.byteLength(line) + 1;
  }
  return { lines, bytes };
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function toBase64(symbols: Int32Array): string {
  return Buffer.from(Uint16Array.from(symbols).buffer).toString('base64');
}

function fromBase64(text: string): Int32Array {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  return Int32Array.from(new Uint16Array(bytes.buffer));
}
