import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

import { UserError, asFileError, makeFolder } from '@fermata/core';

/** Destination of the bytes of an encoder. Its errors are those of the system. */
export interface Target {
  /** Name for errors. */
  readonly name: string;
  /** Appends bytes, and waits for a slow reader. */
  append(bytes: Uint8Array): Promise<void>;
  /** Overwrites the beginning, if the target {@link isSeekable}. */
  rewrite(bytes: Uint8Array): void;
  close(): void;
}

/**
 * True if a program can return to the beginning of a target; false for standard output, a named pipe and a device.
 *
 * @param target path of a file, or `-` for standard output
 */
export function isSeekable(target: string): boolean {
  if (target === '-') return false;
  try {
    return statSync(target, { throwIfNoEntry: false })?.isFile() ?? true;
  } catch (error) {
    throw asFileError(error, target);
  }
}

/**
 * Opens a file for writing, and empties an existing one; makes its missing parent folders.
 *
 * @throws UserError if the file is not writable
 */
export function openFile(path: string): Target {
  const seekable = isSeekable(path);
  const descriptor = openDescriptor(path);
  let size = 0;
  return {
    name: path,
    // eslint-disable-next-line @typescript-eslint/require-await -- a failure is to reject, as that of a stream does
    async append(bytes) {
      writeWhole(descriptor, bytes, seekable ? size : undefined);
      size += bytes.length;
    },
    rewrite(bytes) {
      writeWhole(descriptor, bytes, 0);
    },
    close() {
      closeSync(descriptor);
    },
  };
}

function openDescriptor(path: string): number {
  try {
    makeFolder(dirname(path));
    return openSync(path, 'w');
  } catch (error) {
    throw asFileError(error, path);
  }
}

function writeWhole(descriptor: number, bytes: Uint8Array, position: number | undefined): void {
  for (let written = 0; written < bytes.length;) {
    const at = position === undefined ? null : position + written;
    written += writeSync(descriptor, bytes, written, bytes.length - written, at);
  }
}

/** Opens standard output. @throws UserError for a terminal, which bytes of audio would garble */
export function openStandardOutput(): Target {
  const { stdout } = process;
  if (stdout.isTTY) {
    throw new UserError(
      'standard output: this is a terminal, and audio would garble it.',
      'Send it to a player or a file: `| play -` or `> take.wav`.',
    );
  }
  let failed = false;
  // A failing stream throws without a listener; `append` reports the error to the writer.
  const ignore = () => undefined;
  stdout.on('error', ignore);
  return {
    name: 'standard output',
    append: (bytes) =>
      new Promise((resolve, reject) => {
        stdout.write(bytes, (error) => {
          if (error === undefined || error === null) {
            resolve();
          } else {
            failed = true;
            reject(error);
          }
        });
      }),
    rewrite() {
      throw new Error('standard output cannot return to its beginning');
    },
    close() {
      // A failed stream reports the error again after its callback.
      if (!failed) stdout.off('error', ignore);
    },
  };
}
