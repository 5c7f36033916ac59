import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

import { UserError, asFileError } from '@fermata/core';

/** Bytes that can be read at any position: a file, or a part of one. */
export interface Source {
  /** Path of the file, for errors. */
  readonly path: string;
  /** Number of bytes. */
  readonly size: number;
  /** Reads up to `length` bytes from `position` on, fewer at the end. */
  read(position: number, length: number): Buffer;
}

/**
 * 1 while this thread waits for a file system, which may be slow. A thread that watches over this one then waits too,
 * while it would end an endless loop.
 */
export const waiting = new Int32Array(new SharedArrayBuffer(4));

/** A file opened for reading at any position. */
export class SourceFile implements Source {
  readonly size: number;
  private readonly descriptor: number;

  /** @throws UserError if the file is missing, unreadable, empty, or a folder, pipe or device */
  constructor(readonly path: string) {
    waiting[0] = 1;
    try {
      // Opening a pipe would otherwise wait, without end, for a writer.
      this.descriptor = openSync(path, constants.O_RDONLY | nonBlocking);
    } catch (error) {
      throw asFileError(error, path);
    } finally {
      waiting[0] = 0;
    }
    const stats = fstatSync(this.descriptor);
    this.size = stats.size;
    if (stats.isFile() && this.size > 0) return;
    this.close();
    if (stats.isDirectory()) {
      throw new UserError(`${path}: this is a folder, not a file.`, 'Name a file in it.');
    }
    if (!stats.isFile()) {
      throw new UserError(`${path}: this is a pipe or a device, not a file.`, 'Store the data in a file.');
    }
    throw new UserError(`${path}: the file is empty.`, 'Copy it again, or remove it.');
  }

  read(position: number, length: number): Buffer {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, this.size - position)));
    for (let done = 0; done < bytes.length;) {
      const count = this.readSome(bytes, done, position + done);
      if (count === 0) return bytes.subarray(0, done);
      done += count;
    }
    return bytes;
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private readSome(bytes: Buffer, offset: number, position: number): number {
    waiting[0] = 1;
    try {
      return readSync(this.descriptor, bytes, offset, bytes.length - offset, position);
    } catch (error) {
      throw asFileError(error, this.path);
    } finally {
      waiting[0] = 0;
    }
  }
}

// Windows has no such flag.
const nonBlocking = (constants as { O_NONBLOCK?: number }).O_NONBLOCK ?? 0;

/** The bytes of a source from `start` to `end`, as a source of their own. */
export function partOf(source: Source, start: number, end = source.size): Source {
  if (start === 0 && end === source.size) return source;
  const size = Math.max(0, end - start);
  return {
    path: source.path,
    size,
    read: (position, length) => source.read(start + position, Math.min(length, size - position)),
  };
}

/** Reads a source from `position` to `end`, in blocks. */
export function* blocksOf(
  source: Source,
  position = 0,
  end = source.size,
  blockBytes = 1 << 18,
): Generator<Buffer> {
  for (let from = position; from < end; from += blockBytes) {
    yield source.read(from, Math.min(blockBytes, end - from));
  }
}
