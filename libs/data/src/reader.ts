import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';

import { UserError, canonicalJson, type Json } from '@fermata/core';

import {
  contentsFingerprint,
  formatName,
  indexFile,
  journalFile,
  shardFile,
  type DatasetHeader,
  type DatasetIndex,
  type PieceEntry,
  type PieceInfo,
  type SkippedFile,
  type Symbols,
} from './format';
import { bytesPerSymbol, emptySymbols } from './symbols';
import { damaged, DamagedError, verify } from './verify';

/**
 * Pieces of symbols on disk: mu-law codes of audio, the codes of an autoencoder, or events. Memory holds only the
 * index.
 */
export interface Dataset extends DatasetHeader {
  readonly folder: string;
  /** Hash of the contents: symbols and splits, but neither paths nor times. */
  readonly fingerprint: string;
  readonly pieces: readonly PieceInfo[];
  readonly skipped: readonly SkippedFile[];
  /** Notes on these data for the reader of a report. */
  readonly notes: readonly string[];

  /**
   * Reads a part of a piece from disk.
   *
   * @param piece one of `pieces`
   * @param start first timestep; 0 by default
   * @param length timesteps; by default to the end of the piece
   * @returns `[length]`
   * @throws RangeError if the part does not lie within the piece
   * @throws UserError if the shard has been damaged since the dataset was opened
   */
  read(piece: PieceInfo, start?: number, length?: number): Symbols;

  /** Closes the files. */
  close(): void;
}

/** Dataset whose symbols come at a regular rate, such as audio and its codes. */
export type TimedDataset = Dataset & { readonly rate: number };

/** Returns the same dataset, typed as one with a rate. @throws UserError if it has none */
export function timed(dataset: Dataset): TimedDataset {
  if (dataset.rate === undefined) {
    throw new UserError(
      `${dataset.folder}: these symbols have no rate in time.`,
      'Choose a dataset of audio or codes.',
    );
  }
  return dataset as TimedDataset;
}

/**
 * Returns the same dataset with other remarks on its files. Close only one of the two.
 *
 * @param remarks files that could not be used, and notes for the reader of a report
 */
export function withRemarks(
  dataset: Dataset,
  { skipped, notes }: Pick<Dataset, 'skipped' | 'notes'>,
): Dataset {
  return Object.create(dataset, {
    skipped: { value: skipped, enumerable: true },
    notes: { value: notes, enumerable: true },
  }) as Dataset;
}

/**
 * Opens a finished dataset. The first time, and whenever a shard has changed since, it compares the pieces with their
 * SHA-256.
 *
 * @throws DamagedError if the contents are not those that were written
 * @throws UserError if the folder has no dataset, or an unfinished one
 */
export function openDataset(folder: string): Dataset {
  const index = readIndex(folder);
  verify(folder, index);
  return new ShardedDataset(folder, index);
}

/**
 * Opens the dataset in the folder if it is intact and has this description; otherwise returns undefined: make it again.
 *
 * @param onDamaged called with the damage, if it is damaged
 */
export function openDatasetOf(
  folder: string,
  description: Json,
  onDamaged?: (error: DamagedError) => void,
): Dataset | undefined {
  let dataset: Dataset;
  try {
    dataset = openDataset(folder);
  } catch (error) {
    if (error instanceof DamagedError) onDamaged?.(error);
    if (error instanceof UserError) return undefined;
    throw error;
  }
  if (canonicalJson(dataset.description) === canonicalJson(description)) return dataset;
  dataset.close();
  return undefined;
}

class ShardedDataset implements Dataset {
  readonly fingerprint: string;
  readonly symbols: number;
  readonly rate?: number;
  readonly description: Json;
  readonly pieces: readonly PieceInfo[];
  readonly skipped: readonly SkippedFile[];
  readonly notes: readonly string[];
  private readonly places = new Map<string, PieceEntry>();
  /** File descriptors of the shards read so far. */
  private readonly descriptors = new Map<number, number>();

  constructor(
    readonly folder: string,
    index: DatasetIndex,
  ) {
    this.fingerprint = index.fingerprint;
    this.symbols = index.symbols;
    if (index.rate !== undefined) this.rate = index.rate;
    this.description = index.description;
    this.skipped = index.skipped;
    this.notes = index.notes;
    this.pieces = index.pieces;
    for (const entry of index.pieces) this.places.set(entry.id, entry);
  }

  read(piece: PieceInfo, start = 0, length = piece.length - start): Symbols {
    const place = this.places.get(piece.id);
    if (place === undefined) throw new RangeError(`the dataset has no piece '${piece.id}'`);
    if (
      !Number.isInteger(start) ||
      !Number.isInteger(length) ||
      start < 0 ||
      length < 0 ||
      start + length > place.length
    ) {
      throw new RangeError(
        `${start} + ${length} does not lie within the ${place.length} symbols of '${piece.id}'`,
      );
    }
    const { shard, offset } = place;
    const path = join(this.folder, shardFile(shard));
    return readSymbols(this.openShard(shard), path, this.symbols, { offset: offset + start, length });
  }

  close(): void {
    for (const descriptor of this.descriptors.values()) closeSync(descriptor);
    this.descriptors.clear();
  }

  private openShard(shard: number): number {
    let descriptor = this.descriptors.get(shard);
    if (descriptor === undefined) {
      descriptor = openSync(join(this.folder, shardFile(shard)), 'r');
      this.descriptors.set(shard, descriptor);
    }
    return descriptor;
  }
}

function readIndex(folder: string): DatasetIndex {
  const path = join(folder, indexFile);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    if (existsSync(join(folder, journalFile))) {
      throw new UserError(
        `${folder}: the dataset was not finished.`,
        'Run the command that makes it again: it goes on.',
      );
    }
    throw new UserError(`${folder}: there is no dataset here.`, 'Check the spelling of the path.');
  }
  let index: Partial<DatasetIndex>;
  try {
    index = JSON.parse(text) as Partial<DatasetIndex>;
  } catch {
    throw damaged(path, 'the index is not JSON');
  }
  if (index.format !== formatName) {
    throw damaged(path, `the index is not of the format ${formatName}`);
  }
  const whole = index as DatasetIndex;
  const fits = whole.pieces.every(
    ({ shard, offset, length }) => (offset + length) * bytesPerSymbol(whole.symbols) <= whole.shards[shard],
  );
  if (!fits) throw damaged(path, 'a piece lies beyond the end of its shard');
  if (contentsFingerprint(whole) !== whole.fingerprint)
    throw damaged(path, 'the index does not have its fingerprint');
  return whole;
}

/** Reads symbols `[length]` from a shard. @throws DamagedError if the shard ends before them */
export function readSymbols(
  descriptor: number,
  path: string,
  alphabet: number,
  { offset, length }: { readonly offset: number; readonly length: number },
): Symbols {
  const symbols = emptySymbols(alphabet, length);
  const bytes = new Uint8Array(symbols.buffer);
  const position = offset * symbols.BYTES_PER_ELEMENT;
  for (let done = 0; done < bytes.length;) {
    const count = readSync(descriptor, bytes, done, bytes.length - done, position + done);
    if (count === 0) throw damaged(path, 'the shard ends too early');
    done += count;
  }
  return symbols;
}
