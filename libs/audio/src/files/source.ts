import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

import { UserError, asFileError } from '@fermata/core';

/** A file opened for reading at any position. */
export class SourceFile {
  readonly size: number;
  private readonly descriptor: number;

  /** @throws UserError if the file is missing, unreadable, a folder, or empty */
  constructor(readonly path: string) {
    try {
      this.descriptor = openSync(path, 'r');
    } catch (error) {
      throw asFileError(error, path);
    }
    const stats = fstatSync(this.descriptor);
    this.size = stats.size;
    if (stats.isDirectory() || this.size === 0) {
      this.close();
      throw stats.isDirectory()
        ? new UserError(`${path}: this is a folder, not a file.`, 'Name a file in it.')
        : new UserError(`${path}: the file is empty.`, 'Copy it again, or remove it.');
    }
  }

  /** Reads up to `length` bytes from `position` on, fewer at the end of the file. */
  read(position: number, length: number): Buffer {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, this.size - position)));
    for (let done = 0; done < bytes.length;) {
      const count = readSync(this.descriptor, bytes, done, bytes.length - done, position + done);
      if (count === 0) return bytes.subarray(0, done);
      done += count;
    }
    return bytes;
  }

  /** Reads the file from `position` to `end`, in blocks. */
  *blocks(position: number, end = this.size, blockBytes = 1 << 18): Generator<Buffer> {
    for (let from = position; from < end; from += blockBytes) {
      yield this.read(from, Math.min(blockBytes, end - from));
    }
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
