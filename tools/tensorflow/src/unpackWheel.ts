import { asFileError, requireReadableFile, UserError } from '@fermata/core';
import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { openPromise, type Entry, type ZipFile } from 'yauzl';

import { tensorflowVersion } from './downloadWheel';

/** Libraries of the wheel, and the folder of each. The second holds the C API, under Python's name. */
export const libraries = ['libtensorflow_framework.so.2', '_pywrap_tensorflow_internal.so'];
const libraryPaths = [`tensorflow/${libraries[0]}`, `tensorflow/python/${libraries[1]}`];
const headers = /^tensorflow\/(include\/tensorflow\/(c|core\/platform)\/.*\.h)$/;
const description = /^[^/]+\.dist-info\/(METADATA|RECORD)$/;

/**
 * Takes libtensorflow out of a wheel: `lib` with the libraries, `include` with the headers of the C API, and the wheel's
 * METADATA. Compares every file with its SHA-256 in the wheel's RECORD.
 *
 * @param folder folder to create
 * @throws UserError if the wheel is missing, damaged, or not TensorFlow's of the right version, or if the disk is full
 */
export async function unpackWheel(wheel: string, folder: string): Promise<void> {
  requireReadableFile(wheel);
  const zip = await openPromise(wheel, { autoClose: false }).catch((error: unknown) => {
    throw damaged(wheel, (error as Error).message);
  });
  try {
    const entries = new Map<string, Entry>();
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
    const [metadata, record] = ['METADATA', 'RECORD'].map((name) =>
      [...entries.keys()].find((path) => description.exec(path)?.[1] === name),
    );
    if (metadata === undefined || record === undefined) throw new Error('it has no METADATA and RECORD');
    const told = await text(await open(zip, entries.get(metadata)!));
    assertTensorflow(wheel, told);
    const sums = hashes(await text(await open(zip, entries.get(record)!)));
    for (const path of libraryPaths) {
      if (!entries.has(path)) throw new Error(`it has no ${path}`);
    }
    for (const [path, entry] of entries) {
      const target = targetOf(path);
      if (target === undefined) continue;
      const sum = await write(await open(zip, entry), join(folder, target));
      if (sum !== sums.get(path)) throw new Error(`${path} does not have the SHA-256 of its RECORD`);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    // Errors of the file system have a code. Those of a damaged wheel have none, or one of zlib.
    const { code, message } = error as NodeJS.ErrnoException;
    throw code === undefined || code.startsWith('Z_') ? damaged(wheel, message) : asFileError(error, folder);
  } finally {
    zip.close();
  }
}

function targetOf(path: string): string | undefined {
  if (libraryPaths.includes(path)) return join('lib', basename(path));
  if (description.exec(path)?.[1] === 'METADATA') return 'METADATA';
  return headers.exec(path)?.[1];
}

function assertTensorflow(wheel: string, metadata: string): void {
  const [name, version] = ['Name', 'Version'].map(
    (key) => new RegExp(`^${key}: *(\\S+)`, 'm').exec(metadata)?.[1],
  );
  if ((name !== 'tensorflow' && name !== 'tensorflow-cpu') || version !== tensorflowVersion) {
    throw new UserError(
      `${wheel}: this is ${name ?? 'something'} ${version ?? 'of no version'}.`,
      `Name a wheel of tensorflow or tensorflow-cpu ${tensorflowVersion} for Linux on x86_64.`,
    );
  }
}

// RECORD's lines: path, `sha256=` and the hash in base64 for URLs, size.
function hashes(record: string): Map<string, string> {
  const lines = record.matchAll(/^(.+?),sha256=([\w-]+),/gm);
  return new Map([...lines].map(([, path, hash]) => [path, hash]));
}

function open(zip: ZipFile, entry: Entry): Promise<Readable> {
  return zip.openReadStreamPromise(entry);
}

async function write(from: Readable, path: string): Promise<string> {
  mkdirSync(dirname(path), { recursive: true });
  const hash = createHash('sha256');
  from.on('data', (chunk: Buffer) => hash.update(chunk));
  await pipeline(from, createWriteStream(path));
  return hash.digest('base64url');
}

function damaged(wheel: string, reason: string): UserError {
  return new UserError(
    `${wheel}: this is not a whole wheel of TensorFlow for Linux: ${reason.replace(/\.$/, '')}.`,
    'Download it again.',
  );
}
