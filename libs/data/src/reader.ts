import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { UserError, canonicalJson, type Json } from '@fermata/core';

import {
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
 * Opens a finished dataset.
 *
 * @throws UserError if the folder has no dataset, or an unfinished or damaged one
 */
export function openDataset(folder: string): Dataset {
  const index = readIndex(folder);
  index.shards.forEach((bytes, shard) => {
    checkShard(join(folder, shardFile(shard)), bytes);
  });
  return new ShardedDataset(folder, index);
}

/**
 * Opens the dataset in the folder if it is intact and has this description; otherwise returns undefined: make it again.
 */
export function openDatasetOf(folder: string, description: Json): Dataset | undefined {
  let dataset: Dataset;
  try {
    dataset = openDataset(folder);
  } catch (error) {
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
    const symbols = emptySymbols(this.symbols, length);
    const bytes = new Uint8Array(symbols.buffer);
    const position = (place.offset + start) * symbols.BYTES_PER_ELEMENT;
    const descriptor = this.openShard(place.shard);
    for (let done = 0; done < bytes.length;) {
      const count = readSync(descriptor, bytes, done, bytes.length - done, position + done);
      if (count === 0) throw damaged(join(this.folder, shardFile(place.shard)), 'the shard ends too early');
      done += count;
    }
    return symbols;
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
  return whole;
}

function checkShard(path: string, bytes: number): void {
  const found = statSync(path, { throwIfNoEntry: false })?.size;
  if (found === undefined) throw damaged(path, 'the shard is missing');
  if (found !== bytes) throw damaged(path, `the shard has ${found} bytes instead of ${bytes}`);
}

function damaged(path: string, problem: string): UserError {
  return new UserError(`${path}: ${problem}.`, 'Delete its folder and run the command that makes it again.');
}
