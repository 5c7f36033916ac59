import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { UserError, writeFileAtomic } from '@fermata/core';

import { shardFile, verifiedFile, type DatasetIndex, type PieceEntry } from './format';
import { bytesPerSymbol } from './symbols';

/** The error when files of a dataset are not as they were written. */
export class DamagedError extends UserError {}

export function damaged(path: string, problem: string): DamagedError {
  return new DamagedError(`${path}: ${problem}.`, 'Run the same command again: it makes the data again.');
}

/** Size and time of a shard whose pieces had their SHA-256. */
interface VerifiedShard {
  readonly size: number;
  /** Time of the last change, in milliseconds. */
  readonly changed: number;
}

/** Contents of the file that remembers what was compared. */
interface Verified {
  readonly fingerprint: string;
  readonly shards: readonly VerifiedShard[];
}

const blockBytes = 1 << 20;

/**
 * Compares each piece with its SHA-256, in the shards that have changed in size or time since they were compared last.
 *
 * @throws DamagedError if a shard is missing, too short, or holds other pieces
 */
export function verify(folder: string, index: DatasetIndex): void {
  const before = readVerified(folder, index);
  const shards = index.shards.map((bytes, shard) => statOf(join(folder, shardFile(shard)), bytes));
  const changed = shards.flatMap(({ size, changed: time }, shard) => {
    const known = before?.shards.at(shard);
    return known?.size === size && known.changed === time ? [] : [shard];
  });
  if (changed.length === 0) return;
  for (const shard of changed) verifyShard(folder, index, shard);
  remember(folder, { fingerprint: index.fingerprint, shards });
}

/** Remembers that all shards were just written, with the SHA-256 of each piece. */
export function rememberWritten(folder: string, index: DatasetIndex): void {
  const shards = index.shards.map((bytes, shard) => statOf(join(folder, shardFile(shard)), bytes));
  remember(folder, { fingerprint: index.fingerprint, shards });
}

function verifyShard(folder: string, { symbols, pieces }: DatasetIndex, shard: number): void {
  const path = join(folder, shardFile(shard));
  const there = pieces.filter((piece) => piece.shard === shard);
  const descriptor = openSync(path, 'r');
  try {
    const wrong = there.filter((piece) => hashOf(descriptor, piece, symbols) !== piece.sha256);
    if (wrong.length === 0) return;
    throw damaged(path, `${wrong.length} of its ${there.length} pieces are damaged, such as ${wrong[0].id}`);
  } finally {
    closeSync(descriptor);
  }
}

function hashOf(descriptor: number, { offset, length }: PieceEntry, symbols: number): string {
  const hash = createHash('sha256');
  const block = Buffer.alloc(blockBytes);
  const width = bytesPerSymbol(symbols);
  for (let position = offset * width, left = length * width; left > 0;) {
    const count = readSync(descriptor, block, 0, Math.min(left, block.length), position);
    if (count === 0) break;
    hash.update(block.subarray(0, count));
    position += count;
    left -= count;
  }
  return hash.digest('hex');
}

function statOf(path: string, bytes: number): VerifiedShard {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw damaged(path, 'the shard is missing');
  if (stats.size !== bytes) throw damaged(path, `the shard has ${stats.size} bytes instead of ${bytes}`);
  return { size: stats.size, changed: stats.mtimeMs };
}

function readVerified(folder: string, { fingerprint }: DatasetIndex): Verified | undefined {
  try {
    const found = JSON.parse(readFileSync(join(folder, verifiedFile), 'utf8')) as Verified;
    return found.fingerprint === fingerprint ? found : undefined;
  } catch {
    return undefined; // compares all
  }
}

// A folder that cannot be written is compared each time.
function remember(folder: string, verified: Verified): void {
  try {
    writeFileAtomic(join(folder, verifiedFile), `${JSON.stringify(verified)}\n`);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
}
